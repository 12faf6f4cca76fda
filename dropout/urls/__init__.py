from dropout.urls import attendance, cases, comparisons, duties, ledgers, numbers, templates

app_name = "dropout"
urlpatterns = [
    *cases.urlpatterns,
    *duties.urlpatterns,
    *numbers.urlpatterns,
    *comparisons.urlpatterns,
    *ledgers.urlpatterns,
    *attendance.urlpatterns,
    *templates.urlpatterns,
]
