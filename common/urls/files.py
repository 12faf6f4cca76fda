from django.urls import path

from common.views import files

urlpatterns = [
    path("files/", files.file_upload, name="file-upload"),
    path("files/<slug:key>/", files.file_fetch, name="file"),
    path("files/<slug:key>/remove/", files.file_remove, name="file-remove"),
    path("files/<slug:key>/restore/", files.file_restore, name="file-restore"),
]
