"""Addresses of student aid; each noun brings its own list."""

from subsidies.urls import (
    awards,
    budgets,
    findings,
    payments,
    programmes,
    recognitions,
    samples,
)

app_name = "subsidies"
urlpatterns = [
    *recognitions.urlpatterns,
    *awards.urlpatterns,
    *programmes.urlpatterns,
    *payments.urlpatterns,
    *budgets.urlpatterns,
    *findings.urlpatterns,
    *samples.urlpatterns,
]
