from django.urls import path

from registry.views import people

urlpatterns = [
    path("people/", people.account_list, name="account-list"),
    path("people/new/", people.account_create, name="account-create"),
    path("people/<int:pk>/", people.account_detail, name="account-detail"),
    path("people/<int:pk>/edit/", people.account_edit, name="account-edit"),
    path("people/<int:pk>/postings/", people.posting_propose, name="posting-propose"),
    path("people/<int:pk>/reset/", people.account_reset, name="account-reset"),
    path("people/<int:pk>/unlock/", people.account_unlock, name="account-unlock"),
    path("people/<int:pk>/deactivate/", people.account_deactivate, name="account-deactivate"),
    path("people/<int:pk>/reactivate/", people.account_reactivate, name="account-reactivate"),
    path("postings/", people.posting_list, name="posting-list"),
    path("postings/<int:pk>/confirm/", people.posting_confirm, name="posting-confirm"),
    path("postings/<int:pk>/refuse/", people.posting_refuse, name="posting-refuse"),
    path("postings/<int:pk>/end/", people.posting_end, name="posting-end"),
    path("postings/<int:pk>/propose-end/", people.posting_propose_end, name="posting-propose-end"),
    path("postings/<int:pk>/agree-end/", people.posting_agree_end, name="posting-agree-end"),
    path("postings/<int:pk>/refuse-end/", people.posting_refuse_end, name="posting-refuse-end"),
    path("postings/<int:pk>/deputy/", people.posting_deputise, name="posting-deputise"),
    path("postings/<int:pk>/handover/", people.posting_hand_over, name="posting-hand-over"),
    path("postings/<int:pk>/withdraw/", people.posting_withdraw, name="posting-withdraw"),
]
