from tasks_app.models.plan import Action, Indicator, Plan, Safeguard, Section, WorkItem
from tasks_app.models.reports import DraftRevision, ProgressReport, ReportValue, Review
from tasks_app.models.values import Baseline, HistoryBatch, HistoryValue, Observation, Target

__all__ = [
    "Action",
    "Baseline",
    "DraftRevision",
    "HistoryBatch",
    "HistoryValue",
    "Indicator",
    "Observation",
    "Plan",
    "ProgressReport",
    "ReportValue",
    "Review",
    "Safeguard",
    "Section",
    "Target",
    "WorkItem",
]
