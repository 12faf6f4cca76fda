"""The peer: django-import-export with everything that makes it quick, and the same checks.

It reads the same workbook by calamine, parses each cell with the same column types, and writes the
same four tables, in bulk and without diffs. It has no undo, no provenance and no conflicts.
"""

from datetime import date

import tablib
from django.core.exceptions import ValidationError
from import_export import fields, resources
from import_export.instance_loaders import BaseInstanceLoader
from python_calamine import CalamineWorkbook

from common.crypto import blind_index
from intake.cells import encode
from intake.columns.base import CLEAR, Doubt
from intake.faults import BadCell
from intake.kinds import Chunk
from registry.models import Enrolment, Guardian, Identifier, IdKind, Student

BATCH = 5000


class NothingStored(BaseInstanceLoader):
    """Every row is new here: the look-up, its dearest part, is spared."""

    def get_instance(self, row):
        return None


class Roster(resources.ModelResource):
    """Children, and with each batch of them their numbers, guardians and enrolments.

    A faulty row is invalid, not an error: with an error it would take all rows back.
    """

    name = fields.Field("name", "姓名")

    class Meta:
        model = Student
        fields = ("name",)
        import_id_fields = ("name",)
        instance_loader_class = NothingStored
        use_bulk = True
        batch_size = BATCH
        skip_diff = True
        skip_html_diff = True
        use_transactions = True
        force_init_instance = True

    def __init__(self, kind, context):
        super().__init__()
        self.readers = {c.header: (n, c.reader(context), {}) for n, c in kind.columns.items()}
        self.rules = [rule.begin(context) for rule in kind.rules]
        self.parsed: list[dict] = []

    def before_import_row(self, row, **kwargs):
        values = {}
        for header, (name, read, known) in self.readers.items():
            raw = row.get(header)
            if raw not in known:
                known[raw] = self._read(read, raw)
            values[name] = known[raw]
            if isinstance(values[name], BadCell):
                raise ValidationError(values[name].code)
        chunk = Chunk(1, [kwargs["row_number"]], {name: [v] for name, v in values.items()})
        for rule in self.rules:
            if any(True for _found in rule.check(chunk)) and not rule.is_warning:
                raise ValidationError("rule")
        self.parsed.append({name: some[0] for name, some in chunk.values.items()})

    def _read(self, read, raw):
        try:
            value = read(encode(raw))
        except BadCell as bad:
            return bad
        if isinstance(value, Doubt):
            value = value.value
        return None if value is CLEAR else value

    def import_instance(self, instance, row, **kwargs):
        said = self.parsed[-1]
        instance.name, instance.sex = said["name"], said["sex"] or ""
        instance.ethnicity, instance.born_on = said["ethnicity"] or "", said["born_on"]
        instance.remark = said["remark"] or ""
        for name in ("registered_address", "home_address"):
            setattr(instance, name, said[name] or "")
            if said[name]:
                setattr(instance, f"{name}_index", blind_index(said[name], f"student.{name}"))
        instance.said = said

    def bulk_create(self, using_transactions, dry_run, raise_errors, batch_size=None, result=None):
        made = list(self.create_instances)
        super().bulk_create(using_transactions, dry_run, raise_errors, batch_size, result)
        identifiers, guardians, enrolments = [], [], []
        for child in made:
            said = child.said
            for kind, number in ((IdKind.RESIDENT, "id_number"), (IdKind.ROLL, "roll_number")):
                identifiers.append(
                    Identifier(
                        student=child,
                        kind=kind,
                        value=said[number],
                        value_index=blind_index(said[number], "identifier.value"),
                        valid_from=date(2025, 9, 1),
                    )
                )
            guardians.append(
                Guardian(
                    student=child,
                    name=said["guardian"] or "",
                    relation=said["relation"] or "",
                    phone=said["phone"],
                    phone_index=blind_index(said["phone"], "guardian.phone"),
                )
            )
            enrolments.append(
                Enrolment(
                    student=child,
                    school_id=said["school"],
                    grade=said["grade"],
                    class_name=said["class_name"] or "",
                    boards=said["boards"],
                    entered_on=said["entered_on"],
                    valid_from=date(2025, 9, 1),
                )
            )
        for model, rows in (
            (Identifier, identifiers),
            (Guardian, guardians),
            (Enrolment, enrolments),
        ):
            model.objects.bulk_create(rows, batch_size=BATCH)


def take_in(path, kind, context) -> int:
    """Dry run, then the import, as its admin does it. Returns how many children are new."""
    lines = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    for dry_run in (True, False):
        data = tablib.Dataset(*lines[1:], headers=lines[0])
        result = Roster(kind, context).import_data(data, dry_run=dry_run, raise_errors=False)
    return result.totals["new"]
