from django.urls import path

from registry.views import calendar, units

urlpatterns = [
    path("units/", units.unit_list, name="unit-list"),
    path("units/<int:pk>/", units.unit_detail, name="unit-detail"),
    path("units/<int:pk>/reporting/", units.unit_reporting, name="unit-reporting"),
    path("units/<int:pk>/move/", units.unit_move, name="unit-move"),
    path("units/<int:pk>/merge/", units.unit_merge, name="unit-merge"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/set/", calendar.calendar_set, name="calendar-set"),
    path("calendar/<int:pk>/clear/", calendar.calendar_clear, name="calendar-clear"),
]
