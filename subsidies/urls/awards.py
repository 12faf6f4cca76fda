from django.urls import path

from subsidies.views import awards

urlpatterns = [
    path("awards/", awards.award_list, name="award-list"),
    path("awards/search/", awards.award_search, name="award-search"),
    path("awards/<int:pk>/", awards.award_detail, name="award-detail"),
]
