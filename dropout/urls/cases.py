from django.urls import path

from dropout.views import cases, files, inboxes, notices, unmasking

urlpatterns = [
    path("", cases.case_list, name="case-list"),
    path("search/", cases.case_search, name="case-search"),
    path("board/", cases.board, name="board"),
    path("watches/", inboxes.watch_list, name="watch-list"),
    path("closings/", inboxes.closing_list, name="closing-list"),
    path("transfers/", inboxes.transfer_list, name="transfer-list"),
    path("cases/<int:pk>/", cases.case_detail, name="case-detail"),
    path("cases/<int:pk>/unmask/", unmasking.case_unmask, name="case-unmask"),
    path("files/<slug:kind>/<int:pk>/", files.attachments, name="attachments"),
    path("notices/<int:pk>/", notices.notice_detail, name="notice-detail"),
    path("notices/<int:pk>/document/", notices.notice_document, name="notice-document"),
]
