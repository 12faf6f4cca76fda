from django.urls import path

from common.views import options

urlpatterns = [
    path("settings/", options.option_list, name="option-list"),
    path("settings/<str:code>/", options.option_change, name="option-change"),
]
