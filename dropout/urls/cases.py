from django.urls import path

from dropout.views import bulk, cases, deeds, files, inboxes, measures, notices, unmasking

# Deeds on one case, each on a page of its own: the code stands in the address and in its name.
DEEDS = {
    "unmask": unmasking.case_unmask,
    "reopen": deeds.case_reopen,
    "arrange": deeds.case_arrange,
    "people": deeds.case_people,
    "verify": deeds.case_verify,
    "confirm": deeds.case_confirm,
    "correct-cause": deeds.case_correct_cause,
    "rule-out": deeds.case_rule_out,
    "visit": deeds.case_visit,
    "leave-again": deeds.case_leave_again,
    "offer": deeds.case_offer,
    "step": measures.case_step,
    "notice": measures.case_notice,
    "place": measures.case_place,
    "attend": measures.case_attend,
    "plan": measures.case_plan,
    "lesson": measures.case_lesson,
    "ask-closing": measures.case_ask_closing,
    "decide-closing": measures.case_decide_closing,
}

urlpatterns = [
    path("", cases.case_list, name="case-list"),
    path("search/", cases.case_search, name="case-search"),
    path("bulk/", bulk.case_bulk, name="case-bulk"),
    path("bulk/<int:pk>/", bulk.bulk_detail, name="bulk-detail"),
    path("board/", cases.board, name="board"),
    path("cases/<int:pk>/", cases.case_detail, name="case-detail"),
    *(path(f"cases/<int:pk>/{code}/", view, name=f"case-{code}") for code, view in DEEDS.items()),
    path("children/<int:student>/new/", deeds.case_new, name="case-new"),
    path("watches/", inboxes.watch_list, name="watch-list"),
    path("watches/<int:pk>/answer/", measures.watch_answer, name="watch-answer"),
    path("watches/<int:pk>/correct/", measures.watch_correct, name="watch-correct"),
    path("closings/", inboxes.closing_list, name="closing-list"),
    path("closings/<int:pk>/withdraw/", measures.closing_withdraw, name="closing-withdraw"),
    path("transfers/", inboxes.transfer_list, name="transfer-list"),
    path("transfers/<int:pk>/accept/", inboxes.transfer_accept, name="transfer-accept"),
    path("transfers/<int:pk>/refuse/", inboxes.transfer_refuse, name="transfer-refuse"),
    path("transfers/<int:pk>/withdraw/", inboxes.transfer_withdraw, name="transfer-withdraw"),
    path("records/<slug:kind>/<int:pk>/", files.attachments, name="attachments"),
    path(
        "records/<slug:kind>/<int:pk>/withdraw/", measures.record_withdraw, name="record-withdraw"
    ),
    path("notices/<int:pk>/", notices.notice_detail, name="notice-detail"),
    path("notices/<int:pk>/document/", notices.notice_document, name="notice-document"),
    path("notices/<int:pk>/serve/", measures.notice_serve, name="notice-serve"),
]
