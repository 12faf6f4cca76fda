from django.urls import path

from subsidies.views import findings

urlpatterns = [
    path("findings/", findings.finding_board, name="finding-board"),
    path("findings/<int:pk>/", findings.finding_proof, name="finding-proof"),
    path("doubtful/", findings.doubtful_list, name="doubtful-list"),
]
