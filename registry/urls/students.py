from django.urls import path

from registry.views import lists, student_edit, students

urlpatterns = [
    path("students/", students.student_list, name="student-list"),
    path("students/search/", students.student_search, name="student-search"),
    path("students/<int:pk>/", students.student_detail, name="student-detail"),
    path("students/<int:pk>/unmask/", students.student_unmask, name="student-unmask"),
    path("students/<int:pk>/edit/", student_edit.student_edit, name="student-edit"),
    path("students/<int:pk>/number/", student_edit.student_number, name="student-number"),
    path("students/<int:pk>/guardians/new/", student_edit.guardian_add, name="guardian-add"),
    path("students/<int:pk>/enrol/", student_edit.enrolment_add, name="enrolment-add"),
    path("guardians/<int:pk>/edit/", student_edit.guardian_edit, name="guardian-edit"),
    path("enrolments/<int:pk>/edit/", student_edit.enrolment_edit, name="enrolment-edit"),
    path("enrolments/<int:pk>/end/", student_edit.enrolment_end, name="enrolment-end"),
    path("student-changes/<int:pk>/undo/", student_edit.change_undo, name="change-undo"),
    path("lists/", lists.list_list, name="list-list"),
    path("lists/<int:pk>/", lists.list_detail, name="list-detail"),
    path("lists/<int:pk>/link/", lists.list_link, name="list-link"),
]
