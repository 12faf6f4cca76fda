"""How a kind says where its columns are stored: a root model and the rows that are its parts."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import models

from common import crypto
from intake.columns.base import Column
from intake.kinds import ReportKind
from intake.stores.tables.dialect import column_of, quoted

ROOT = "r"  # alias of the root's stored row; parts have p0, p1 …


@dataclass(frozen=True)
class Part:
    """Rows of another model that belong to a root: at most one of them answers to a sheet's row.

    `rows(on)` are those that may answer; of several the one with the same `identity`, then the
    first by `order`. A dated part ends and a new one opens where the identity changes; `same` names
    fields without which a row of another identity is not taken for it (a second paper).
    """

    model: type[models.Model]
    link: str  # its foreign key to the root
    fields: dict[str, str]  # column -> field
    rows: Callable  # (on) -> QuerySet
    identity: str = ""
    same: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # columns without which none is made; empty: any of its columns
    fixed: dict = field(default_factory=dict)  # field -> value of a new one
    defaults: dict = field(default_factory=dict)  # field -> value where the sheet says nothing
    carries: tuple[str, ...] = ()  # fields that a new one takes over from the one it replaces
    is_dated: bool = False
    ended: dict = field(default_factory=dict)  # field -> value of one that a new one replaces
    # The first day of a new part: that of this column, not before `begins(on)`; else the run's day.
    begins_with: str = ""
    begins: Callable | None = None


@dataclass(frozen=True)
class Find:
    """A way from a row to its record: a column whose value one of a part's rows holds.

    Where the column of an earlier way is filled in and leads nowhere, the row may be of somebody
    new with a number copied wrongly: then the columns of the root in `agreeing` must agree.
    """

    column: str
    part: int  # position among the parts
    rows: Callable | None = None  # (on) -> QuerySet; else those of the part
    agreeing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alike:
    """A row without any number may be somebody whom the portal knows: a person has to say.

    `columns` are compared with the root's fields; `within` is a column of a part: the same school.
    """

    columns: tuple[str, ...]
    within: str
    ask: Callable  # () -> params of the fault `needs_answer`, which is answered "same" or "new"


@dataclass(frozen=True)
class Missing:
    """Stored rows that a complete sheet should list: open parts at the units that it names."""

    column: str  # whose values say which units the sheet is complete for
    ended: dict  # field -> value of a part that is ended because it is not listed
    names: Callable  # (pks) -> {part pk: (subject, place)} for people


@dataclass(frozen=True)
class Declaration:
    """A root model and its parts, and how a row finds its record.

    `keys` are columns of the root that find a record together, with the constants of
    `fixed(run, recorder) -> {field: value}` (None: there is no such record yet; with a recorder, in
    a commit, what lacks is made). `holder(on)` is a queryset of the root annotated with `holder`,
    the unit to which deeds belong; `living()` one of those that may be matched at all. `subject` is
    the field by which a preview names a row, through `mask`. `propose(rows, run, recorder)` is told
    of (record, sheet, row, values) whose record another unit holds.
    """

    root: type[models.Model]
    locks: tuple[str, ...]
    fields: dict[str, str]
    parts: tuple[Part, ...] = ()
    finds: tuple[Find, ...] = ()
    keys: tuple[str, ...] = ()
    fixed: Callable | None = None
    holder: Callable | None = None
    living: Callable | None = None
    ordered: tuple[tuple[str, str], ...] = ()  # columns of the root: first day, last day
    alike: Alike | None = None
    missing: Missing | None = None
    subject: str = ""
    mask: Callable = str
    propose: Callable | None = None
    proposes: tuple[str, ...] = ()  # the columns whose values `propose` is given


@dataclass(frozen=True)
class Slot:
    """A column of the kind beside the field that stores it."""

    column: Column
    field: models.Field
    index: models.Field | None  # of an encrypted field: the blind index that is compared
    alias: str
    place: int

    @property
    def bit(self) -> int:
        return 1 << self.place

    @property
    def staged(self) -> str:
        """The value in the staging table: ciphertext where the field is encrypted."""
        return f"s.{self.name}"

    @property
    def name(self) -> str:
        return quoted(f"c_{self.column.name}")

    @property
    def index_name(self) -> str:
        return quoted(f"c_{self.column.name}_index")

    @property
    def compared(self) -> str:
        return f"s.{self.index_name}" if self.index else self.staged

    @property
    def stored(self) -> str:
        """The stored value that is compared."""
        return f"{self.alias}.{quoted((self.index or self.field).column)}"

    @property
    def kept(self) -> str:
        return f"{self.alias}.{quoted(self.field.column)}"

    def mask_of(self, kept: str | None) -> str:
        """A stored value of an encrypted field as its mask."""
        clear = crypto.decrypt(kept, self.field.purpose) if kept else None
        return self.column.masked(clear)

    @property
    def compared_field(self) -> models.Field:
        return self.index or self.field

    @property
    def targets(self) -> list[tuple[models.Field, str]]:
        """(field, staged expression) of every stored column it writes."""
        found = [(self.field, self.staged)]
        return [*found, (self.index, f"s.{self.index_name}")] if self.index else found


class Layout:
    """The declaration with its models looked up: which column is stored where."""

    def __init__(self, store: Declaration, kind: ReportKind):
        self.store, self.kind = store, kind
        self.root_slots = self._slots(store.root, store.fields, ROOT, 0)
        self.part_slots: list[list[Slot]] = []
        place = len(self.root_slots)
        for number, part in enumerate(store.parts):
            slots = self._slots(part.model, part.fields, part_alias(number), place)
            self.part_slots.append(slots)
            place += len(slots)
        self.slots = [*self.root_slots, *(slot for slots in self.part_slots for slot in slots)]
        self.by_column = {slot.column.name: slot for slot in self.slots}

    def _slots(self, model, fields, alias, first) -> list[Slot]:
        slots = []
        for place, (name, field_name) in enumerate(fields.items(), start=first):
            stored = model._meta.get_field(field_name)
            index = None
            if hasattr(stored, "purpose"):
                index = model._meta.get_field(f"{field_name}_index")
            slots.append(Slot(self.kind.columns[name], stored, index, alias, place))
        return slots

    def mask(self, slots: list[Slot]) -> int:
        return sum(slot.bit for slot in slots)

    def identity(self, number: int) -> Slot | None:
        """The slot of a part's identity."""
        wanted = self.store.parts[number].identity
        return next((s for s in self.part_slots[number] if s.field.name == wanted), None)

    def part_field(self, number: int, name: str) -> Slot | None:
        return next((s for s in self.part_slots[number] if s.field.name == name), None)


def part_alias(number: int) -> str:
    return f"p{number}"


def link_of(part: Part) -> str:
    return column_of(part.model, part.link)
