"""What a check found, for people: counts, faults by cause, changed cells, what it touches.

A preview is kept encrypted in the vault until it expires. It holds codes and masks, and its words
are made in the reader's language when it is read. Personal values stand in it masked.
"""

from dataclasses import dataclass, field

import orjson
from django.utils.translation import gettext as _

from common import vault
from intake import kinds
from intake.findings import Cause, Finding
from intake.models import Upload

CHANGES_KEPT = 5000
MISSING_KEPT = 5000


@dataclass(slots=True)
class Changed:
    """A stored value that the sheet changes; personal values are masked."""

    sheet: str
    row: int
    subject: str  # whose it is: a mask
    header: str
    old: str
    new: str
    is_clear: bool = False


@dataclass(slots=True)
class HeaderUse:
    """What became of a sheet's column: taken in as `column` (how: exact, alias …), or not."""

    sheet: str
    letter: str
    header: str
    column: str = ""  # name of the kind's column; empty: not taken in
    how: str = ""

    def title(self, kind) -> str:
        return str(kind.columns[self.column].header) if self.column in kind.columns else ""


@dataclass(slots=True)
class LeftOut:
    """Lines of a sheet that are no rows: how many totals, notes, repeated headers."""

    sheet: str
    what: str  # total, note, header, blank …
    count: int


@dataclass(slots=True)
class Touched:
    """A figure or an indicator that the commit would change; by how much where that is known."""

    label: str
    unit: str = ""
    old: str = ""
    new: str = ""


@dataclass(slots=True)
class Missing:
    """A stored row that a complete sheet does not list."""

    subject: str
    place: str = ""


@dataclass(slots=True)
class Preview:
    """Everything the page of an upload shows of a check. Lists are cut; counts are whole."""

    counts: dict = field(default_factory=dict)
    fault_causes: list[Cause] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    warning_causes: list[Cause] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    changes_total: int = 0
    touched: list[Touched] = field(default_factory=list)
    headers: list[HeaderUse] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)  # {sheet: last row of its header}
    facts: dict = field(default_factory=dict)  # {name: as shown}
    missing: list[Missing] = field(default_factory=list)
    questions: list[Finding] = field(default_factory=list)  # faults that an answer would settle
    # {sheet number: [rows, versions of the stored records they were compared with]}; 0 is none
    versions: dict[str, list[list[int]]] = field(default_factory=dict)

    @property
    def is_faultless(self) -> bool:
        return not self.counts.get("rejected") and not self.counts.get("conflicts")

    def add_warning(self, found: Finding) -> None:
        """One that the pass itself could not know."""
        self.warnings.insert(0, found)
        self.warning_causes.insert(0, Cause(found.code, found.header, 1, [found]))

    def seen(self) -> dict[tuple[int, int], int]:
        """(sheet, row) -> the version of the stored record it was compared with."""
        return {
            (int(sheet), row): version
            for sheet, (rows, versions) in self.versions.items()
            for row, version in zip(rows, versions, strict=True)
        }

    def set_seen(self, seen: dict[tuple[int, int], int]) -> None:
        self.versions = {}
        for (sheet, row), version in seen.items():
            rows, versions = self.versions.setdefault(str(sheet), [[], []])
            rows.append(row)
            versions.append(version)

    def faults_of(self, code: str) -> list[Finding]:
        return [one for one in self.faults if one.code == code]


class PreviewGone(Exception):
    """The preview has expired, or there is none yet; the upload can be checked again."""


# Keeping -----------------------------------------------------------------------------------------
def keep(preview: Preview) -> str:
    """Put a preview into the vault; returns its key there."""
    return vault.put([orjson.dumps(preview, default=str)])


def read_preview(upload: Upload, user) -> Preview:
    """The preview of an upload's last check. PreviewGone if it has expired.

    Who may see the upload sees masks; `user` is there for the page of who may see more.
    """
    if not upload.preview_key:
        raise PreviewGone(upload.pk)
    try:
        raw = orjson.loads(b"".join(vault.read(upload.preview_key)))
    except vault.Gone:
        raise PreviewGone(upload.pk) from None
    return _preview(raw)


def _preview(raw: dict) -> Preview:
    def findings(some):
        return [Finding(**one) for one in some]

    def causes(some):
        return [Cause(**one | {"first": findings(one["first"])}) for one in some]

    return Preview(
        counts=raw["counts"],
        fault_causes=causes(raw["fault_causes"]),
        faults=findings(raw["faults"]),
        warning_causes=causes(raw["warning_causes"]),
        warnings=findings(raw["warnings"]),
        changes=[Changed(**one) for one in raw["changes"]],
        changes_total=raw["changes_total"],
        touched=[Touched(**one) for one in raw["touched"]],
        headers=[HeaderUse(**one) for one in raw["headers"]],
        left_out=[LeftOut(**one) for one in raw["left_out"]],
        heads=raw["heads"],
        facts=raw["facts"],
        missing=[Missing(**one) for one in raw["missing"]],
        questions=findings(raw["questions"]),
        versions=raw["versions"],
    )


def kind_of(upload: Upload):
    """The kind's declaration; a kind that has gone from the program is told by its slug."""
    kind = kinds.get(upload.kind)
    if kind is None:
        raise PreviewGone(_("程序里已没有这个表种：%(kind)s") % {"kind": upload.kind})
    return kind
