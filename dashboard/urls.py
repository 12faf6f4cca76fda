from django.urls import path

from dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("overview/remind/<int:pk>/", views.unit_remind, name="unit-remind"),
]
