from django.urls import path

from tasks_app.views import report_form, reports

urlpatterns = [
    path("reports/", reports.report_list, name="report-list"),
    path("reports/duties/<int:pk>/", report_form.duty_detail, name="duty-detail"),
    path("reports/duties/<int:pk>/save/", report_form.draft_save, name="draft-save"),
    path("reports/duties/<int:pk>/submit/", report_form.report_submit, name="report-submit"),
    path("reports/duties/<int:pk>/waive/", reports.duty_waive, name="duty-waive"),
    path("reports/duties/<int:pk>/restore/", reports.duty_restore, name="duty-restore"),
    path("reports/<int:pk>/", reports.report_detail, name="report-detail"),
    path("reports/<int:pk>/check/", reports.report_check, name="report-check"),
    path("reports/<int:pk>/return/", reports.report_return, name="report-return"),
    path("reports/<int:pk>/approve/", reports.report_approve, name="report-approve"),
    path("reports/<int:pk>/recall/", reports.report_recall, name="report-recall"),
    path("reports/<int:pk>/correct/", reports.report_correct, name="report-correct"),
]
