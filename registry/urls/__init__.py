from registry.urls.people import urlpatterns as people_urls

app_name = "registry"
urlpatterns = [*people_urls]
