"""What a line of the unit's own dropout ledger does to a case: opens it, or takes it a step further."""

from dataclasses import dataclass
from datetime import date, datetime

from dropout.models import Cause, Episode, Kind, LedgerKind, Source
from dropout.services import cases, corrections
from dropout.services.deeds import day_of, deed
from dropout.services.refusals import Refused
from registry.models import Student

CORRECTED = "dropout.day_corrected"
UNSAID = "台账没有写原因"  # data
BY_LEDGER = "按台账更正"  # data
# How ledgers write the causes, beside our own words for them.
SPELLED = {  # data
    "厌学": Cause.LEARNING,
    "学习困难": Cause.LEARNING,
    "厌学辍学": Cause.LEARNING,
    "打工": Cause.WORK,
    "外出务工": Cause.WORK,
    "务工": Cause.WORK,
    "早婚": Cause.MARRIAGE,
    "早育": Cause.MARRIAGE,
    "贫困": Cause.POVERTY,
    "家庭困难": Cause.POVERTY,
    "家庭贫困": Cause.POVERTY,
    "路远": Cause.DISTANCE,
    "上学远": Cause.DISTANCE,
    "家庭变故": Cause.FAMILY,
    "监护缺失": Cause.FAMILY,
    "随父母流动": Cause.MIGRATION,
    "随迁": Cause.MIGRATION,
    "失联": Cause.MIGRATION,
    "身体原因": Cause.HEALTH,
    "因病": Cause.HEALTH,
    "残疾": Cause.HEALTH,
}


@dataclass(frozen=True)
class Line:
    """What a line says of a child; `cause` in words, empty where nothing is said."""

    kind: str  # of LedgerKind
    since: date
    cause: str = ""


def cause_of(words: str) -> tuple[str, str]:
    """(cause, detail): words that are no cause of ours are the detail of another one."""
    words = words.strip()
    if not words:
        return Cause.OTHER, UNSAID
    if words in SPELLED:
        return SPELLED[words], ""
    for cause in Cause:
        if words == str(cause.label) and cause not in (Cause.GUARDED, Cause.OTHER):
            return cause, ""
    return Cause.OTHER, words


def cause_words(episode: Episode) -> str:
    """How the ledger writes the cause: a guarded one is not told, another one by what was typed."""
    if episode.cause == Cause.OTHER:
        return episode.cause_detail or str(episode.get_cause_display())
    return str(episode.get_cause_display())


def bring_in(student: Student, line: Line, *, by, at: datetime) -> Episode:
    """Open an episode for a child on the ledger; of one that is out of school confirm it at once."""
    episode = cases.suspect(
        student,
        source=Source.LEDGER,
        found_on=day_of(at),
        absent_since=line.since,
        by=by,
        at=at,
        only_new=True,
    )
    return confirm(episode, line, by=by, at=at)


def confirm(episode: Episode, line: Line, *, by, at: datetime) -> Episode:
    """What the ledger says of a suspected child: never enrolled, dropped out, or still in question."""
    if line.kind == LedgerKind.SUSPECTED:
        return episode
    cause, detail = cause_of(line.cause)
    return cases.confirm(
        episode,
        kind=line.kind,
        cause=cause,
        cause_detail=detail,
        left_on=line.since if line.kind == Kind.DROPPED_OUT else None,
        on=day_of(at),
        by=by,
        at=at,
    )


def correct_cause(episode: Episode, words: str, *, by, at: datetime) -> Episode:
    cause, detail = cause_of(words)
    facts = {"cause": cause, "cause_detail": detail, "reason": BY_LEDGER}
    return corrections.correct_cause(episode, by=by, at=at, **facts)


def correct_since(episode: Episode, since: date, *, by, at: datetime) -> Episode:
    """The day of a ledger was another one: when the child dropped out, or since when it is away."""
    field = "left_on" if episode.kind == Kind.DROPPED_OUT else "absent_since"
    with deed(episode, CORRECTED, by=by, at=at) as (episode, told):
        latest = episode.confirmed_on if field == "left_on" else episode.found_on
        if since > latest:
            raise Refused("out_of_order", field)
        told["field"] = field
        setattr(episode, field, since)
        episode.save(update_fields=[field])
    return episode
