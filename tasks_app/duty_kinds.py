"""Progress reports: one for each task, unit and period. What a task is called is in the plan."""

from django.urls import reverse

from registry.duty_kinds import duty_kind

duty_kind(
    "tasks",
    address=lambda duty: reverse("tasks_app:duty-detail", args=[duty.pk]),
    moves_figures=True,
)
