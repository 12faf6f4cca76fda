from django.urls import path

from common.views import inbox

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<int:pk>/", inbox.line_open, name="inbox-open"),
    path("inbox/read/", inbox.read_all, name="inbox-read-all"),
]
