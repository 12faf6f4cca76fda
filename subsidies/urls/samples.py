from django.urls import path

from subsidies.views import samples

urlpatterns = [
    path("samples/", samples.sample_list, name="sample-list"),
    path("samples/new/", samples.sample_new, name="sample-new"),
    path("samples/<int:pk>/", samples.sample_detail, name="sample-detail"),
    path("samples/items/<int:pk>/", samples.sample_item, name="sample-item"),
]
