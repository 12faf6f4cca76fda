from django.urls import path

from tasks_app.views import indicators, targets

urlpatterns = [
    path("indicators/", indicators.indicator_list, name="indicator-list"),
    path("indicators/<int:pk>/", indicators.indicator_detail, name="indicator-detail"),
    path("indicators/<int:pk>/target/", targets.target_set, name="target-set"),
    path("indicators/<int:pk>/baseline/", targets.baseline_set, name="baseline-set"),
    path("indicators/targets/<int:pk>/withdraw/", targets.target_withdraw, name="target-withdraw"),
]
