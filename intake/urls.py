from django.urls import path

from intake.views import kinds, originals, sent, upload, uploads

app_name = "intake"

urlpatterns = [
    path("", kinds.home, name="home"),
    path("kinds/<slug:kind>/", kinds.kind_detail, name="kind-detail"),
    path("kinds/<slug:kind>/form/", kinds.kind_form, name="kind-form"),
    path("forms/<int:pk>/", kinds.form_made, name="form-made"),
    path("kinds/<slug:kind>/upload/", uploads.upload_create, name="upload-create"),
    path("uploads/", uploads.upload_list, name="upload-list"),
    path("uploads/<int:pk>/", upload.upload_detail, name="upload-detail"),
    path("uploads/<int:pk>/line/", uploads.upload_line, name="upload-line"),
    path("uploads/<int:pk>/faults/", upload.upload_faults, name="upload-faults"),
    path("uploads/<int:pk>/changes/", upload.upload_changes, name="upload-changes"),
    path("uploads/<int:pk>/written/", upload.upload_written, name="upload-written"),
    path("uploads/<int:pk>/headers/", upload.upload_map, name="upload-map"),
    path("uploads/<int:pk>/answers/", upload.upload_answer, name="upload-answer"),
    path("uploads/<int:pk>/check/", upload.upload_check, name="upload-check"),
    path("uploads/<int:pk>/commit/", upload.upload_commit, name="upload-commit"),
    path("uploads/<int:pk>/discard/", upload.upload_discard, name="upload-discard"),
    path("uploads/<int:pk>/undo/", upload.upload_undo, name="upload-undo"),
    path("uploads/<int:pk>/original/", originals.upload_original, name="upload-original"),
    path("uploads/<int:pk>/marked/", originals.upload_marked, name="upload-marked"),
    path(
        "uploads/<int:pk>/rows/<int:sheet>/<int:row>/",
        originals.upload_row,
        name="upload-row",
    ),
    path("sent/", sent.sent_list, name="sent-list"),
]
