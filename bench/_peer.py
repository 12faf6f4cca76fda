"""The peer: django-import-export with everything that makes it quick, and the same checks.

One resource with a field for each column, as its documentation has it; each cell goes through the
same column types, remembered by cell. What is stored is looked up in one query for all rows, rows
that do not differ are skipped, bulk writes go in batches, no diffs are made. The rows of the other
three tables are written in bulk with each batch of children. With `validates` the library has each
child clean itself before it is saved (choices, lengths), its own way to check. It has no undo, no
provenance, no conflicts, and does not notice a number that is another child's.
"""

from datetime import date

import tablib
from django.core.exceptions import ValidationError
from import_export import fields, resources, widgets
from import_export.instance_loaders import BaseInstanceLoader
from python_calamine import CalamineWorkbook

from common.crypto import indexer
from intake.cells import encode
from intake.columns.base import CLEAR, Doubt
from intake.faults import BadCell
from intake.kinds import Chunk
from registry import identity
from registry.models import Enrolment, Guardian, Identifier, IdKind, Student

BATCH = 5000
SINCE = date(2025, 9, 1)


class Cell(widgets.Widget):
    """A cell as its column type reads it, each distinct one once."""

    def __init__(self, read):
        super().__init__()
        self.read, self.known = read, {}

    def clean(self, value, row=None, **kwargs):
        if value not in self.known:
            self.known[value] = self._read(value)
        found = self.known[value]
        if isinstance(found, BadCell):
            raise ValueError(found.code)
        return found

    def _read(self, raw):
        try:
            value = self.read(encode(raw))
        except BadCell as bad:
            return bad
        if isinstance(value, Doubt):
            value = value.value
        return "" if value is CLEAR else value


class ByNumber(BaseInstanceLoader):
    """All children by the index of their number, in one query."""

    def __init__(self, resource, dataset):
        super().__init__(resource, dataset)
        papers = Identifier.objects.exclude(kind=IdKind.ROLL).select_related("student")
        self.known = {paper.value_index.hex: paper.student for paper in papers}
        self.index = indexer(identity.NUMBER)

    def get_instance(self, row):
        return self.known.get(self.index(str(row["身份证号"])))


def roster(kind, context, *, validates: bool) -> resources.ModelResource:
    """The resource, made from the kind's declaration so that both check the same."""
    declared = {
        name: fields.Field(f"said_{name}", str(column.header), widget=Cell(column.reader(context)))
        for name, column in kind.columns.items()
    }
    meta = type(
        "Meta",
        (),
        {
            "model": Student,
            "fields": tuple(declared),
            "import_id_fields": ("id_number",),
            "instance_loader_class": ByNumber,
            "use_bulk": True,
            "batch_size": BATCH,
            "skip_diff": True,
            "skip_html_diff": True,
            "skip_unchanged": True,
            "use_transactions": True,
            "clean_model_instances": validates,
        },
    )
    made = type("Roster", (Roster,), declared | {"Meta": meta})()
    made.rules = [rule.begin(context) for rule in kind.rules]
    made.names = list(declared)
    return made


class Roster(resources.ModelResource):
    """Children, and with each batch of them their numbers, guardians and enrolments.

    A faulty row is invalid, not an error: with an error it would take all rows back.
    """

    def import_instance(self, instance, row, **kwargs):
        super().import_instance(instance, row, **kwargs)
        said = {name: getattr(instance, f"said_{name}", None) for name in self.names}
        chunk = Chunk(1, [kwargs["row_number"]], {name: [said[name]] for name in self.names})
        for rule in self.rules:
            if not rule.is_warning and any(True for _found in rule.check(chunk)):
                raise ValidationError("rule")
        instance.name, instance.sex = said["name"], said["sex"] or ""
        instance.ethnicity, instance.born_on = said["ethnicity"] or "", said["born_on"]
        instance.remark = said["remark"] or ""
        for name in ("registered_address", "home_address"):
            setattr(instance, name, said[name] or "")
            setattr(instance, f"{name}_index", self.index_of(f"student.{name}", said[name]))
        instance.parts = self.parts_of(instance, said)

    def parts_of(self, child, said) -> list:
        """The rows of the other tables."""
        numbers = [
            Identifier(
                student=child,
                kind=kind,
                value=said[name],
                value_index=self.index_of(identity.NUMBER, said[name]),
                valid_from=SINCE,
            )
            for kind, name in ((IdKind.RESIDENT, "id_number"), (IdKind.ROLL, "roll_number"))
        ]
        guardian = Guardian(
            student=child,
            name=said["guardian"] or "",
            relation=said["relation"] or "",
            phone=said["phone"],
            phone_index=self.index_of(identity.PHONE, said["phone"]),
        )
        enrolment = Enrolment(
            student=child,
            school_id=said["school"],
            grade=said["grade"],
            class_name=said["class_name"] or "",
            boards=said["boards"],
            entered_on=said["entered_on"],
            valid_from=SINCE,
        )
        return [*numbers, guardian, enrolment]

    def index_of(self, purpose, text):
        known = self.__dict__.setdefault("indexers", {})
        if purpose not in known:
            known[purpose] = indexer(purpose)
        return known[purpose](text) if text else None

    def bulk_create(self, using_transactions, dry_run, raise_errors, batch_size=None, result=None):
        children = list(self.create_instances)
        super().bulk_create(using_transactions, dry_run, raise_errors, batch_size, result)
        for model in (Identifier, Guardian, Enrolment):
            parts = [part for child in children for part in child.parts if type(part) is model]
            for part in parts:
                part.student = part.student  # its key is known by now
            model.objects.bulk_create(parts, batch_size=BATCH)


def take_in(path, kind, context, *, validates: bool) -> int:
    """Dry run, then the import, as its admin does it. Returns how many children are new."""
    lines = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    for dry_run in (True, False):
        data = tablib.Dataset(*lines[1:], headers=lines[0])
        result = roster(kind, context, validates=validates).import_data(
            data, dry_run=dry_run, raise_errors=False
        )
        assert not result.has_errors(), result.base_errors or result.error_rows[0].errors[0].error
    return result.totals["new"]
