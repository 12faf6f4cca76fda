from django.urls import path

from common.views import events

urlpatterns = [
    path("audit/", events.event_list, name="event-list"),
    path("audit/<int:pk>/", events.event_detail, name="event-detail"),
]
