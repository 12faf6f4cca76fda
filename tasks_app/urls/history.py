from django.urls import path

from tasks_app.views import history, observations

urlpatterns = [
    path("indicators/history/", history.history_list, name="history-list"),
    path("indicators/history/new/", history.history_new, name="history-new"),
    path("indicators/history/form/", history.history_form, name="history-form"),
    path("indicators/history/<int:pk>/", history.history_detail, name="history-detail"),
    path("indicators/history/<int:pk>/approve/", history.history_approve, name="history-approve"),
    path("indicators/history/<int:pk>/return/", history.history_return, name="history-return"),
    path(
        "indicators/history/<int:pk>/withdraw/", history.history_withdraw, name="history-withdraw"
    ),
    path("indicators/values/<int:pk>/", observations.observation_detail, name="observation-detail"),
]
