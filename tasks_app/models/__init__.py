from tasks_app.models.imported import ImportedValue
from tasks_app.models.plan import Action, Indicator, Plan, Safeguard, Section, WorkItem
from tasks_app.models.quality import Part, QualityRule, QualityTerm
from tasks_app.models.reports import DraftRevision, ProgressReport, ReportValue, Review
from tasks_app.models.standings import Light, Reckoning, Standing, Touched
from tasks_app.models.values import Baseline, HistoryBatch, HistoryValue, Observation, Target

__all__ = [
    "Action",
    "Baseline",
    "DraftRevision",
    "HistoryBatch",
    "HistoryValue",
    "ImportedValue",
    "Indicator",
    "Light",
    "Observation",
    "Part",
    "Plan",
    "ProgressReport",
    "QualityRule",
    "QualityTerm",
    "Reckoning",
    "ReportValue",
    "Review",
    "Safeguard",
    "Section",
    "Standing",
    "Target",
    "Touched",
    "WorkItem",
]
