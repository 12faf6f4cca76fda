"""Student aid: what there is, who is in need, what each child is to get, and what went out."""

from subsidies.models.awards import Award
from subsidies.models.budgets import Arrival, BudgetLine, Source
from subsidies.models.matched import MemberPair
from subsidies.models.payments import Fate, Holder, Payment, PaymentBatch
from subsidies.models.programmes import (
    Confidence,
    Level,
    Programme,
    Stage,
    Standard,
    StandardChange,
    stage_of,
)
from subsidies.models.recognitions import NoticeRun, Recognition, RecognitionDeed
from subsidies.models.samples import SampleCheck, SampleItem

__all__ = [
    "Arrival",
    "Award",
    "BudgetLine",
    "Confidence",
    "Fate",
    "Holder",
    "Level",
    "MemberPair",
    "NoticeRun",
    "Payment",
    "PaymentBatch",
    "Programme",
    "Recognition",
    "RecognitionDeed",
    "SampleCheck",
    "SampleItem",
    "Source",
    "Stage",
    "Standard",
    "StandardChange",
    "stage_of",
]
