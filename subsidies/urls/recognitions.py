from django.urls import path

from subsidies.views import classes, notices, recognitions, start

# Deeds on one recognition, each on a page of its own: the code stands in the address and its name.
DEEDS = {
    "agree": recognitions.recognition_agree,
    "refuse": recognitions.recognition_refuse,
    "withdraw": recognitions.recognition_withdraw,
    "adjust": recognitions.recognition_adjust,
    "end": recognitions.recognition_end,
}

urlpatterns = [
    path("", start.start, name="start"),
    path("recognitions/", recognitions.recognition_list, name="recognition-list"),
    path("recognitions/search/", recognitions.recognition_search, name="recognition-search"),
    path("recognitions/<int:pk>/", recognitions.recognition_detail, name="recognition-detail"),
    *(
        path(f"recognitions/<int:pk>/{code}/", view, name=f"recognition-{code}")
        for code, view in DEEDS.items()
    ),
    path("children/<int:student>/recognise/", recognitions.recognition_new, name="recognition-new"),
    path("classes/", classes.class_list, name="class-list"),
    path("classes/<int:school>/<slug:grade>/", classes.class_detail, name="class-detail"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/new/", notices.notice_new, name="notice-new"),
    path("notices/<int:pk>/", notices.notice_detail, name="notice-detail"),
    path("notices/<int:pk>/take-down/", notices.notice_take_down, name="notice-take-down"),
    path("notices/<int:pk>/file/", notices.notice_file, name="notice-file"),
]
