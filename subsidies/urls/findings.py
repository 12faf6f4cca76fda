from django.urls import path

from subsidies.views import findings, numbers, pairs

urlpatterns = [
    path("findings/", findings.finding_board, name="finding-board"),
    path("findings/<int:pk>/", findings.finding_proof, name="finding-proof"),
    path("pairs/", pairs.pair_list, name="pair-list"),
    path("pairs/<int:pk>/", pairs.pair_decide, name="pair-decide"),
    path("numbers/", numbers.number_rows, name="number"),
    path("doubtful/", findings.doubtful_list, name="doubtful-list"),
]
