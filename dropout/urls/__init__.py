from dropout.urls import cases, comparisons, numbers, templates

app_name = "dropout"
urlpatterns = [
    *cases.urlpatterns,
    *numbers.urlpatterns,
    *comparisons.urlpatterns,
    *templates.urlpatterns,
]
