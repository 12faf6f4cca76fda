from django.urls import path

from registry.views import merging, promotion, transfers

urlpatterns = [
    path("students/<int:pk>/merge/", merging.merge_choose, name="merge-choose"),
    path("students/<int:pk>/merge/<int:other>/", merging.merge_confirm, name="merge-confirm"),
    path("students/promotion/", promotion.promotion, name="promotion"),
    path("students/promotion/begin/", promotion.promotion_begin, name="promotion-begin"),
    path("students/promotion/<int:pk>/", promotion.promotion_detail, name="promotion-detail"),
    path("students/promotion/<int:pk>/undo/", promotion.promotion_undo, name="promotion-undo"),
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
