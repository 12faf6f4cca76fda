from registry.urls.findings import urlpatterns as finding_urls
from registry.urls.moves import urlpatterns as move_urls
from registry.urls.people import urlpatterns as people_urls
from registry.urls.students import urlpatterns as student_urls
from registry.urls.units import urlpatterns as unit_urls

app_name = "registry"
urlpatterns = [*student_urls, *move_urls, *unit_urls, *finding_urls, *people_urls]
