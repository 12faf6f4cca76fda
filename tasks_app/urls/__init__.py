from tasks_app.urls.history import urlpatterns as history_urls
from tasks_app.urls.indicators import urlpatterns as indicator_urls
from tasks_app.urls.plan import urlpatterns as plan_urls
from tasks_app.urls.quality import urlpatterns as quality_urls
from tasks_app.urls.reports import urlpatterns as report_urls

app_name = "tasks_app"
urlpatterns = [*plan_urls, *indicator_urls, *history_urls, *report_urls, *quality_urls]
