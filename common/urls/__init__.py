from common.urls.health import urlpatterns as health_urls

app_name = "common"
urlpatterns = [*health_urls]
