"""Which sheets of a workbook are of a kind, and what each of them is made of."""

from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from intake import kinds
from intake.columns.base import Context
from intake.faults import Fault, Unusable
from intake.handed_out import OUR_SHEETS
from intake.kinds import ReportKind
from intake.reading import Book, SheetInfo
from intake.sheets.facts import read_facts
from intake.sheets.headers import Header, find_header
from intake.sheets.heads import Heads
from intake.sheets.matching import Placement, suggest
from intake.sheets.tables import Claimed, Table
from intake.sheets.telling import missing, tell_columns, tell_hidden_columns
from intake.sheets.vocabulary import Vocabulary

TEXT = ("csv", "tsv", "txt")  # formats of plain text, which have no merged cells
NAMED = 12  # headers that a message lists at most


@dataclass
class Candidate:
    """A sheet, and how well it fits the kind."""

    info: SheetInfo
    rows: list[list]
    header: Header | None
    claimed: list[Claimed]
    missing: list[str]
    fits: bool = False

    @property
    def placement(self) -> Placement:
        return self.header.placement if self.header else Placement()

    @property
    def is_whole(self) -> bool:
        return self.fits and not self.missing

    @property
    def known(self) -> int:
        return len(self.placement.columns) + len(self.claimed)


def read_tables(
    book: Book,
    kind: ReportKind,
    *,
    context: Context | None,
    given: dict[str, str] | None = None,
    remembered: dict[str, str] | None = None,
) -> list[Table]:
    """The tables of a kind in a workbook. Unusable if there is none.

    `given` is the mapping that came with the upload, {header: column name, column header or ""};
    `remembered` what the unit once confirmed (`intake.services.headers`). What is to be told of
    sheets that were not read stands on the first table.
    """
    vocabulary = Vocabulary(kind, given=given, remembered=remembered, context=context)
    sheets = [info for info in book.sheets if info.name not in OUR_SHEETS]
    heads = Heads(book, sheets)
    candidates = [_candidate(info, heads, vocabulary) for info in sheets]
    taken = _choose(candidates, kind)
    if not any(candidate.is_whole for candidate in taken) and not given:
        _refuse_other_kind(candidates, kind)
    if not taken:
        raise _no_header(candidates, kind)
    tells_merges = book.format not in TEXT and "merged" not in book.unknown
    tables = [_table(candidate, heads, kind, context, tells_merges) for candidate in taken]
    tables[0].warnings += _told_of_sheets(candidates, taken)
    headings = [heading for candidate in taken for heading in candidate.header.headings]
    for header in vocabulary.unused(headings):
        tables[0].warnings.append(Fault("map_unused", params={"header": header}))
    return tables


def _candidate(info, heads: Heads, vocabulary: Vocabulary) -> Candidate:
    rows = heads.head(info)
    header = find_header(rows, info.merged, vocabulary)
    if header is None:
        return Candidate(info, rows, None, [], missing(vocabulary.kind, Placement()))
    placement = header.placement
    claimed = [Claimed(h.index, h.letter, h.header, claim) for h, claim in placement.claimed]
    suggest(placement, vocabulary)
    candidate = Candidate(info, rows, header, claimed, missing(vocabulary.kind, placement))
    kind = vocabulary.kind
    needed = sum(column.required for column in kind.columns.values()) + len(kind.either)
    found = candidate.known + len(placement.suggestions)
    candidate.fits = len(candidate.missing) * 2 <= needed and found >= min(2, len(kind.columns))
    return candidate


def _choose(candidates: list[Candidate], kind: ReportKind) -> list[Candidate]:
    """The sheets to read. Hidden ones are asked only if no other fits."""
    for hidden in (False, True):
        fitting = [c for c in candidates if c.fits and c.info.hidden == hidden]
        if any(candidate.is_whole for candidate in fitting):
            return [c for c in fitting if c.is_whole or _is_nearly(c, kind)]
        if fitting:
            least = min(len(candidate.missing) for candidate in fitting)
            return [c for c in fitting if len(c.missing) == least]
    return []


def _is_nearly(candidate: Candidate, kind: ReportKind) -> bool:
    """A sheet beside a whole one that was meant to be one too: it lacks one column, or no key.
    A summary by school lacks more, and is passed over and told."""
    return len(candidate.missing) == 1 or all(
        name in candidate.placement.columns for name in kind.key
    )


def _refuse_other_kind(candidates: list[Candidate], kind: ReportKind) -> None:
    """Say which kind the workbook looks like, if it has all that one needs and more of it."""
    known = max((candidate.known for candidate in candidates), default=0)
    best = None
    for other in kinds.all_kinds():
        if other is kind:
            continue
        vocabulary = Vocabulary(other)
        for candidate in candidates:
            header = find_header(candidate.rows, candidate.info.merged, vocabulary)
            if header is None or missing(other, header.placement):
                continue
            if len(header.placement.columns) > known:
                known, best = len(header.placement.columns), (other, candidate.info)
    if best:
        raise Unusable(
            "other_kind", sheet=best[1].name, title=str(best[0].title), kind=str(kind.title)
        )


def _no_header(candidates: list[Candidate], kind: ReportKind) -> Unusable:
    """Which columns were looked for, and which were found on which sheet: headers only, since
    the cells of a sheet without a header are somebody's data."""
    if not any(candidate.rows for candidate in candidates):
        return Unusable("empty_book")
    found = [
        _("“%(sheet)s”里认出了%(headers)s。")
        % {
            "sheet": candidate.info.name,
            "headers": _("、").join(p.header for p in candidate.placement.columns.values()),
        }
        for candidate in candidates
        if candidate.placement.columns
    ]
    wanted = missing(kind, Placement()) or [str(c.header) for c in kind.columns.values()]
    return Unusable(
        "no_header",
        kind=str(kind.title),
        wanted=_("、").join(wanted[:NAMED]),
        found="".join(found) or _("没有认出一个列名。"),
    )


def _table(candidate: Candidate, heads: Heads, kind: ReportKind, context, tells_merges) -> Table:
    header, info, placement = candidate.header, candidate.info, candidate.placement
    table = Table(
        kind=kind,
        context=context,
        sheet=info.number,
        sheet_name=info.name,
        header_rows=(header.first, header.last),
        header_cells=candidate.rows[header.first - 1 : header.last],
        placement=placement,
        extra=candidate.claimed,
        facts=read_facts(candidate.rows[: header.first - 1], kind),
        merges=info.merged if tells_merges else None,
        hidden_rows=_numbers(info),
        source=partial(heads.chunks, info),
    )
    tell_columns(table)
    _tell_claimed_twice(table)
    tell_hidden_columns(table, info.hidden_columns)
    return table


def _numbers(info: SheetInfo) -> frozenset[int]:
    end = info.first_row + info.height
    return frozenset(
        row for first, last in info.hidden_rows for row in range(first, min(last + 1, end))
    )


def _tell_claimed_twice(table: Table) -> None:
    seen: dict[object, Claimed] = {}
    for claimed in table.extra:
        first = seen.setdefault(claimed.claim, claimed)
        if first is not claimed:
            table.blame(
                "header_twice",
                table.header_rows[1],
                claimed.letter,
                header=claimed.header,
                first=first.letter,
                second=claimed.letter,
            )


def _told_of_sheets(candidates: list[Candidate], taken: list[Candidate]) -> list[Fault]:
    told = []
    for candidate in candidates:
        name, params = candidate.info.name, {"name": candidate.info.name}
        if candidate in taken:
            if candidate.info.hidden:
                told.append(Fault("sheet_hidden_read", name, params=params))
        elif not candidate.rows:
            continue
        elif candidate.info.hidden:
            told.append(Fault("sheet_hidden", name, params=params))
        elif candidate.fits:
            params["wanted"] = _("、").join(candidate.missing)
            told.append(Fault("sheet_incomplete", name, params=params))
        else:
            told.append(Fault("sheet_skipped", name, params=params))
    return told
