from django.urls import path

from subsidies.views import start

urlpatterns = [
    path("", start.start, name="start"),
]
