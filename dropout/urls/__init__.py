from dropout.urls import cases, comparisons, duties, ledgers, numbers, templates

app_name = "dropout"
urlpatterns = [
    *cases.urlpatterns,
    *duties.urlpatterns,
    *numbers.urlpatterns,
    *comparisons.urlpatterns,
    *ledgers.urlpatterns,
    *templates.urlpatterns,
]
