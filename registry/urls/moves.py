from django.urls import path

from registry.views import transfers

urlpatterns = [
    path("students/transfers/", transfers.transfer_list, name="transfer-list"),
    path("students/transfers/<int:pk>/accept/", transfers.transfer_accept, name="transfer-accept"),
    path("students/transfers/<int:pk>/refuse/", transfers.transfer_refuse, name="transfer-refuse"),
    path(
        "students/transfers/<int:pk>/withdraw/",
        transfers.transfer_withdraw,
        name="transfer-withdraw",
    ),
    path("students/transfers/<int:pk>/undo/", transfers.transfer_undo, name="transfer-undo"),
    path("students/twice/", transfers.double_list, name="double-list"),
    path("students/twice/<int:pk>/end/", transfers.double_end, name="double-end"),
]
