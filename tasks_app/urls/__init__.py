from tasks_app.urls.indicators import urlpatterns as indicator_urls
from tasks_app.urls.plan import urlpatterns as plan_urls
from tasks_app.urls.reports import urlpatterns as report_urls

app_name = "tasks_app"
urlpatterns = [*plan_urls, *indicator_urls, *report_urls]
