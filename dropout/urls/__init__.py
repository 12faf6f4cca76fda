from dropout.urls import cases, templates

app_name = "dropout"
urlpatterns = [*cases.urlpatterns, *templates.urlpatterns]
