from django.urls import path

from tasks_app.views import quality

urlpatterns = [
    path("findings/rules/", quality.quality_list, name="quality-list"),
    path("findings/rules/new/", quality.quality_new, name="quality-new"),
    path("findings/rules/<int:pk>/end/", quality.quality_end, name="quality-end"),
]
