from common.urls.files import urlpatterns as file_urls
from common.urls.health import urlpatterns as health_urls
from common.urls.inbox import urlpatterns as inbox_urls
from common.urls.jobs import urlpatterns as job_urls

app_name = "common"
urlpatterns = [*inbox_urls, *job_urls, *file_urls, *health_urls]
