from django.urls import path

from dropout.views import attendance

urlpatterns = [
    path("attendance/", attendance.attendance_list, name="attendance-list"),
    path(
        "attendance/<int:school>/<str:month>/", attendance.attendance_month, name="attendance-month"
    ),
    path(
        "attendance/<int:school>/<str:month>/class/",
        attendance.attendance_class,
        name="attendance-class",
    ),
]
