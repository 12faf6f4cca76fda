from django.urls import path

from dropout.views import duties

urlpatterns = [
    path("duties/", duties.duty_list, name="duty-list"),
    path("duties/<int:pk>/", duties.duty_detail, name="duty-detail"),
    path("duties/<int:pk>/declare/", duties.duty_declare, name="duty-declare"),
    path("duties/<int:pk>/waive/", duties.duty_waive, name="duty-waive"),
    path("duties/<int:pk>/restore/", duties.duty_restore, name="duty-restore"),
    path(
        "declarations/<int:pk>/withdraw/", duties.declaration_withdraw, name="declaration-withdraw"
    ),
]
