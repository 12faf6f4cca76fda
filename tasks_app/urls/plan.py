from django.urls import path

from tasks_app.views import plan

urlpatterns = [
    path("tasks/", plan.plan_list, name="plan-list"),
    path("tasks/plans/<int:pk>/", plan.plan_detail, name="plan-detail"),
    path("tasks/plans/<int:pk>/close/", plan.plan_close, name="plan-close"),
    path("tasks/plans/<int:pk>/reopen/", plan.plan_reopen, name="plan-reopen"),
    path("tasks/<int:pk>/", plan.task_detail, name="task-detail"),
]
