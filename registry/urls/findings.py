from django.urls import path

from registry.views import findings

urlpatterns = [
    path("findings/", findings.finding_list, name="finding-list"),
    path("findings/<int:pk>/", findings.finding_detail, name="finding-detail"),
    path("findings/<int:pk>/answer/", findings.finding_answer, name="finding-answer"),
    path("findings/<int:pk>/accept/", findings.finding_accept, name="finding-accept"),
    path("findings/<int:pk>/return/", findings.finding_return, name="finding-return"),
    path("findings/<int:pk>/assign/", findings.finding_assign, name="finding-assign"),
]
