from registry.urls.people import urlpatterns as people_urls
from registry.urls.units import urlpatterns as unit_urls

app_name = "registry"
urlpatterns = [*unit_urls, *people_urls]
