from django.urls import path

from dropout.views import agreement, comparisons

urlpatterns = [
    path("agreement/", agreement.agreement_list, name="agreement-list"),
    path("agreement/<int:pk>/", agreement.agreement_detail, name="agreement-detail"),
    path("comparisons/", comparisons.comparison_list, name="comparison-list"),
    path("comparisons/new/", comparisons.comparison_new, name="comparison-new"),
    path("comparisons/found/", comparisons.pair_list, name="pair-list"),
    path("comparisons/pairs/<int:pk>/", comparisons.pair_decide, name="pair-decide"),
    path("comparisons/<int:pk>/", comparisons.comparison_detail, name="comparison-detail"),
    path("comparisons/<int:pk>/again/", comparisons.comparison_again, name="comparison-again"),
    path("comparisons/<int:pk>/cases/", comparisons.comparison_open, name="comparison-open"),
]
