from common.urls.events import urlpatterns as event_urls
from common.urls.files import urlpatterns as file_urls
from common.urls.health import urlpatterns as health_urls
from common.urls.inbox import urlpatterns as inbox_urls
from common.urls.jobs import urlpatterns as job_urls
from common.urls.options import urlpatterns as option_urls

app_name = "common"
urlpatterns = [*inbox_urls, *job_urls, *file_urls, *option_urls, *event_urls, *health_urls]
