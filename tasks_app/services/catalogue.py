"""Read a plan and its indicators from the project's catalogue; a second run changes nothing."""

import csv
import io
import tomllib
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from common import audit, figures
from registry.models import Unit
from tasks_app.models import Action, Indicator, Plan, Safeguard, Section, Target, WorkItem
from tasks_app.services.standings.touched import touch_indicators

DATA = Path(__file__).resolve().parent.parent / "data" / "axm-2021.toml"
CHOICES = {
    "direction": Indicator.Direction.values,
    "frequency": Indicator.Frequency.values,
    "aggregation": Indicator.Aggregation.values,
    "over_time": Indicator.OverTime.values,
    "path": Indicator.Path.values,
    "stated": Indicator.Stated.values,
    "may_exceed": ["0", "1"],
    "people": ["0", "1"],
    "representative": ["0", "1"],
}
PLAIN_FIELDS = (
    "name_zh",
    "name_en",
    "unit_zh",
    "unit_en",
    "direction",
    "numerator",
    "denominator",
    "frequency",
    "aggregation",
    "over_time",
    "path",
    "figure",
    "denominator_figure",
    "quote",
    "stated",
    "reference",
    "notes",
    "to_confirm",
)
INDICATOR_FIELDS = ("code", "task", "target", *CHOICES, *PLAIN_FIELDS)


class BadPlanFile(Exception):
    """A plan file that cannot be loaded; names file, line and field."""


def _bad(file: Path, line: int, field: str, why: str):
    raise BadPlanFile(f"{file.name}:{line}: {field}: {why}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadPlanFile(f"{file.name}:{line}: is not UTF-8") from None


class _Toml:
    """A TOML file whose faults can be told by line."""

    def __init__(self, file: Path):
        self.file = file
        self.text = _text(file)
        try:
            self.data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise BadPlanFile(f"{file.name}: {error}") from None

    def line(self, table: str, number: int, field: str = "") -> int:
        """The line of a field in the n-th `[[table]]` (or `[table]`), else of the table itself."""
        seen, start = -1, 1
        for at, text in enumerate(self.text.splitlines(), start=1):
            text = text.strip()
            if text in (f"[[{table}]]", f"[{table}]"):
                seen, start = seen + 1, at
            elif text.startswith("["):
                if seen == number:
                    break
            elif seen == number and field and text.split("=")[0].strip() == field:
                return at
        return start

    def need(self, table: str, number: int, row: dict, field: str, kind: type):
        value = row.get(field)
        if not isinstance(value, kind) or value == "":
            names = {str: "text", int: "a whole number", list: "a list"}
            _bad(
                self.file,
                self.line(table, number, field),
                f"{table}.{field}",
                f"must be {names.get(kind, kind.__name__)}, found {value!r}",
            )
        return value


@transaction.atomic
def load_plan(file: Path = DATA, *, by=None, update: bool = False) -> tuple[Plan, bool]:
    """Load a plan with its tasks, actions, safeguards and indicators. Returns (plan, changed).

    What the bureau has edited since stays, unless `update` asks for the file's words.
    """
    keep = partial(_keep, update=update)
    toml = _Toml(file)
    head = toml.data.get("plan", {})
    for field in ("code", "title_zh", "issuer", "indicators"):
        toml.need("plan", 0, head, field, str)
    for field in ("start_year", "target_year"):
        toml.need("plan", 0, head, field, int)
    if not hasattr(head.get("published_on"), "year"):
        _bad(file, toml.line("plan", 0, "published_on"), "plan.published_on", "must be a date")
    columns = {key: value for key, value in head.items() if key not in ("code", "indicators")}
    plan, changed = keep(Plan, {"code": head["code"]}, columns)
    changed |= _load_tasks(toml, plan, keep)
    for number, row in enumerate(toml.data.get("safeguard", [])):
        no = toml.need("safeguard", number, row, "no", int)
        toml.need("safeguard", number, row, "title_zh", str)
        changed |= keep(Safeguard, {"plan": plan, "no": no}, _titles(row))[1]
    changed |= _load_indicators(file.parent / head["indicators"], plan, keep)
    if changed:
        touch_indicators(
            Indicator.objects.filter(work_item__plan=plan).values_list("pk", flat=True)
        )
        audit.record("tasks_app.plan_loaded", plan, by=by, after={"file": file.name})
    return plan, changed


def _titles(row: dict) -> dict:
    return {"title_zh": row["title_zh"], "title_en": row.get("title_en", "")}


def _keep(model, key: dict, columns: dict, *, update: bool):
    """The row of a key, made or (if asked) brought up to date: (row, whether anything was written)."""
    row = model.objects.filter(**key).first()
    if row is None:
        return model.objects.create(**key, **columns), True
    if not update:
        return row, False
    differing = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in differing:
        setattr(row, name, columns[name])
    if differing:
        row.save(update_fields=differing)
    return row, bool(differing)


def _load_tasks(toml: _Toml, plan: Plan, keep) -> bool:
    changed, section_of = False, {}
    for number, row in enumerate(toml.data.get("section", [])):
        no = toml.need("section", number, row, "no", int)
        toml.need("section", number, row, "title_zh", str)
        section, new = keep(Section, {"plan": plan, "no": no}, _titles(row))
        changed |= new
        for task in toml.need("section", number, row, "tasks", list):
            section_of[task] = section
    offices = {unit.key: unit for unit in Unit.objects.filter(kind=Unit.Kind.OFFICE)}
    for number, row in enumerate(toml.data.get("task", [])):
        no = toml.need("task", number, row, "no", int)
        toml.need("task", number, row, "title_zh", str)
        if no not in section_of:
            _bad(toml.file, toml.line("task", number, "no"), "task.no", f"no section lists {no}")
        wanted = [row["lead_office"]] if row.get("lead_office") else []
        for office in [*wanted, *row.get("offices", [])]:
            if office not in offices:
                _bad(toml.file, toml.line("task", number), "task.offices", f"no office {office!r}")
        duty_code = row.get("duty_code", f"tasks.{plan.code}.{no:02}")
        taken = WorkItem.objects.filter(duty_code=duty_code).exclude(plan=plan, no=no).first()
        if taken:
            line = toml.line("task", number, "duty_code")
            _bad(toml.file, line, "task.duty_code", f"{duty_code!r} is task {taken.no}'s")
        task, new = keep(
            WorkItem,
            {"plan": plan, "no": no},
            _titles(row)
            | {
                "section": section_of[no],
                "short_zh": row.get("short_zh", ""),
                "short_en": row.get("short_en", ""),
                "duty_code": duty_code,
            },
        )
        changed |= new
        if new and wanted and task.lead_office_id is None:
            task.lead_office = offices[wanted[0]]
            task.save(update_fields=["lead_office"])
            task.offices.set([offices[key] for key in row.get("offices", [])])
        changed |= _load_actions(toml, number, row, task, keep)
    return changed


def _load_actions(toml: _Toml, number: int, row: dict, task: WorkItem, keep) -> bool:
    changed = False
    for no, action in enumerate(toml.need("task", number, row, "actions", list), start=1):
        if not (isinstance(action, list) and len(action) == 2 and all(action)):
            line = toml.line("task", number, "actions") + no
            _bad(toml.file, line, "task.actions", "must be [Chinese, English]")
        columns = {"text_zh": action[0], "text_en": action[1]}
        changed |= keep(Action, {"work_item": task, "no": no}, columns)[1]
    return changed


def _load_indicators(file: Path, plan: Plan, keep) -> bool:
    if not file.exists():
        raise BadPlanFile(f"{file.name}: no such file beside the plan")
    tasks = {task.no: task for task in plan.work_items.all()}
    league = Unit.objects.filter(kind=Unit.Kind.LEAGUE).first()
    changed = False
    with io.StringIO(_text(file), newline="") as stream:
        reader, seen = csv.DictReader(stream), {}
        for field in INDICATOR_FIELDS:
            if field not in (reader.fieldnames or ()):
                _bad(file, 1, field, "no such column")
        others = dict(
            Indicator.objects.exclude(work_item__plan=plan).values_list(
                "code", "work_item__plan__code"
            )
        )
        for row in reader:
            line = reader.line_num
            columns = _indicator_columns(file, line, row, tasks)
            if row["code"] in seen:
                _bad(file, line, "code", f"{row['code']!r} stands on line {seen[row['code']]} too")
            if row["code"] in others:
                _bad(file, line, "code", f"{row['code']!r} belongs to {others[row['code']]}")
            seen[row["code"]] = line
            indicator, new = keep(Indicator, {"code": row["code"]}, columns)
            changed |= new
            if row["target"] and not indicator.targets.exists():
                _set_plan_targets(indicator, plan, league, Decimal(row["target"]))
    return changed


def _indicator_columns(file: Path, line: int, row: dict, tasks: dict) -> dict:
    if None in row or None in row.values():
        _bad(file, line, "columns", "the number of columns differs from the header's")
    for field in ("code", "name_zh", "numerator", "unit_zh"):
        if not row[field]:
            _bad(file, line, field, "is empty")
    for field, allowed in CHOICES.items():
        if row[field] not in allowed:
            _bad(file, line, field, f"must be one of {', '.join(allowed)}, found {row[field]!r}")
    if not row["task"].isdigit() or int(row["task"]) not in tasks:
        _bad(file, line, "task", f"no task {row['task']!r} in the plan")
    for field in ("figure", "denominator_figure"):
        if row[field] and row[field] not in dict(figures.choices()):
            _bad(file, line, field, f"no figure {row[field]!r}")
    if row["target"]:
        try:
            Decimal(row["target"])
        except InvalidOperation:
            _bad(file, line, "target", f"is no number: {row['target']!r}")
    return {name: row[name] for name in PLAIN_FIELDS} | {
        "work_item": tasks[int(row["task"])],
        "may_exceed": row["may_exceed"] == "1",
        "counts_people": row["people"] == "1",
        "is_representative": row["representative"] == "1",
    }


def _set_plan_targets(indicator: Indicator, plan: Plan, league: Unit, value: Decimal) -> None:
    """Only numbers that the plan itself prints. A yearly number holds for each year of the plan."""
    yearly = indicator.over_time == Indicator.OverTime.FLOW
    years = range(plan.start_year, plan.target_year + 1) if yearly else [plan.target_year]
    Target.objects.bulk_create(
        Target(
            indicator=indicator,
            unit=league,
            year=year,
            value=value,
            ground=Target.Ground.PLAN,
            source=indicator.quote,
            set_at=timezone.now(),
        )
        for year in years
    )
