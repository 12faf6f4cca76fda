from django.urls import path

from subsidies.views import budgets

urlpatterns = [
    path("funds/", budgets.budget_list, name="budget-list"),
    path("funds/new/", budgets.budget_new, name="budget-new"),
    path("funds/<int:pk>/", budgets.budget_detail, name="budget-detail"),
    path("funds/<int:pk>/edit/", budgets.budget_edit, name="budget-edit"),
    path("funds/<int:pk>/arrival/", budgets.arrival_new, name="arrival-new"),
]
