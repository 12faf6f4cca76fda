"""Which sheet column is which column of the kind, what is only alike, and what nobody claims."""

from dataclasses import dataclass, field
from itertools import groupby

from intake.sheets.normal import is_ignored, is_signature, is_token, likeness, path_forms, squeeze
from intake.sheets.vocabulary import LEFT_OUT, Heading, Vocabulary

ALIKE = 0.5  # from which likeness a header is asked about


@dataclass(frozen=True)
class Placed:
    """Where a column of the kind stands in the sheet, and how that is known:
    given, exact, alias, form or remembered."""

    index: int
    letter: str
    header: str
    how: str


@dataclass(frozen=True)
class Suggestion:
    """A header that is like a column's; taken in once a person has confirmed it."""

    index: int
    letter: str
    header: str
    column: str  # name
    required: bool


@dataclass
class Placement:
    """The headings of a sheet, sorted by what they are."""

    columns: dict[str, Placed] = field(default_factory=dict)
    claimed: list[tuple[Heading, object]] = field(default_factory=list)  # with what they mean
    token: Heading | None = None
    ignored: list[Heading] = field(default_factory=list)
    signature: list[Heading] = field(default_factory=list)
    left_out: list[Heading] = field(default_factory=list)
    unclaimed: list[Heading] = field(default_factory=list)
    headless: list[Heading] = field(default_factory=list)
    twice: list[tuple[str, Heading]] = field(default_factory=list)  # the second of a column
    suggestions: list[Suggestion] = field(default_factory=list)


def place(headings: list[Heading], vocabulary: Vocabulary) -> Placement:
    """Sort headings by what is known for sure; what is merely alike stays unclaimed."""
    placement = Placement()
    free = []
    for heading in headings:
        if heading.parts and is_token(heading.parts[-1]):
            placement.token = heading
        else:
            free.append(heading)
    for how, look in vocabulary.ways():
        free = _settle(placement, free, how, [look(heading) for heading in free])
    free = _claim(placement, free, vocabulary)
    own, _foreign = _leaves(placement, free, vocabulary)
    free = _settle(placement, free, "form", [own.get(heading) for heading in free])
    written = {squeeze(placed.header): name for name, placed in placement.columns.items()}
    for heading in free:
        if not heading.parts:
            placement.headless.append(heading)
        elif heading.normal in written:
            placement.twice.append((written[heading.normal], heading))
        elif is_ignored(heading.parts[-1]):
            placement.ignored.append(heading)
        elif is_signature(heading.header):
            placement.signature.append(heading)
        else:
            placement.unclaimed.append(heading)
    return placement


def _settle(placement, headings, how, names) -> list[Heading]:
    """Place those that have a name by this way of knowing; a column that is taken stays taken."""
    rest, here = [], set()
    for heading, name in zip(headings, names, strict=True):
        if name is None or (name in placement.columns and name not in here):
            rest.append(heading)
        elif name == LEFT_OUT:
            placement.left_out.append(heading)
        elif name in here:
            placement.twice.append((name, heading))
        else:
            here.add(name)
            placement.columns[name] = Placed(heading.index, heading.letter, heading.header, how)
    return rest


def _claim(placement, headings, vocabulary) -> list[Heading]:
    """What the kind makes its own goes before the lowest part alone: 左旗/分子 is a unit's."""
    rest = []
    for heading in headings:
        claim = vocabulary.claim(heading) if heading.parts else None
        if claim is None:
            rest.append(heading)
        else:
            placement.claimed.append((heading, claim))
    return rest


def _leaves(placement, headings, vocabulary) -> tuple[dict, dict]:
    """Columns known by the lowest part of their header: those to place, and those only to suggest.

    A group that repeats a header which is already taken speaks of somebody else: under 家庭成员
    stand 姓名 and 民族, and neither is the child's.
    """
    own, foreign = {}, {}
    for _parents, group in groupby(headings, key=lambda heading: heading.parts[:-1]):
        known = {heading: vocabulary.by_leaf(heading) for heading in group}
        known = {heading: name for heading, name in known.items() if name is not None}
        repeats = any(name in placement.columns for name in known.values())
        (foreign if repeats else own).update(known)
    return own, foreign


def suggest(placement: Placement, vocabulary: Vocabulary) -> None:
    """Pair unclaimed headings with the columns they are most like, the likest pair first."""
    columns = vocabulary.kind.columns
    free = [name for name in columns if name not in placement.columns]
    _own, leaves = _leaves(placement, placement.unclaimed, vocabulary)
    pairs = sorted(
        (
            (1.0 if leaves.get(heading) == name else _alike(heading, name, vocabulary), i, name)
            for i, heading in enumerate(placement.unclaimed)
            for name in free
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    done = {}
    for score, i, name in pairs:
        if score < ALIKE:
            break
        if i not in done and name not in done.values():
            done[i] = name
    for i, name in sorted(done.items()):
        heading = placement.unclaimed[i]
        placement.suggestions.append(
            Suggestion(heading.index, heading.letter, heading.header, name, columns[name].required)
        )
    placement.unclaimed = [h for i, h in enumerate(placement.unclaimed) if i not in done]


def _alike(heading: Heading, name: str, vocabulary: Vocabulary) -> float:
    said = [squeeze(words) for words in vocabulary.names_of(name)]
    written = path_forms(heading.parts)
    return max((likeness(form, other) for form in written for other in said), default=0.0)
