"""A plan from its files: what is broken names file, line and field; a second run changes nothing."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from common.models import Event
from registry.models import Duty
from tasks_app.models import Action, Indicator, Plan, Section, Target, WorkItem
from tasks_app.services.catalogue import BadPlanFile, load_plan
from tasks_app.services.duties import open_progress_duties

DATA = Path(__file__).resolve().parent.parent / "data"
SECOND = DATA / "second-plan.toml"


@pytest.fixture
def second(plan):
    """A second plan beside the real one."""
    return load_plan(SECOND)[0]


@pytest.fixture
def broken(tmp_path, units):
    """broken(old, new, file="toml") -> the second plan's files with one thing changed."""
    toml = shutil.copy(SECOND, tmp_path)
    table = shutil.copy(DATA / "second-plan-indicators.csv", tmp_path)

    def change(old, new, file="toml"):
        path = Path(toml if file == "toml" else table)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return Path(toml)

    return change


def test_the_real_plan_has_what_the_document_has(plan):
    assert (plan.sections.count(), plan.work_items.count(), plan.safeguards.count()) == (4, 15, 4)
    assert Action.objects.filter(work_item__plan=plan).count() == 55
    assert Indicator.objects.filter(work_item__plan=plan).count() == 64


def test_only_the_numbers_that_the_plan_prints_are_targets(plan):
    found = Target.objects.values_list("indicator__code", "unit__key", "value").distinct()
    assert {(code, unit, int(value)) for code, unit, value in found} == {
        ("T01-01", "league", 0),
        ("T13-01", "league", 80),
    }


def test_a_second_run_changes_nothing(plan):
    events = Event.objects.count()
    again, changed = load_plan()
    assert (again, changed) == (plan, False)
    assert (Target.objects.count(), Event.objects.count()) == (6, events)


def test_what_the_bureau_edited_stays(plan):
    WorkItem.objects.filter(plan=plan, no=1).update(title_zh="盟局改过的名称")
    assert load_plan()[1] is False
    assert WorkItem.objects.get(plan=plan, no=1).title_zh == "盟局改过的名称"


def test_update_lets_the_files_words_replace_edited_ones(plan):
    WorkItem.objects.filter(plan=plan, no=1).update(title_zh="盟局改过的名称")
    assert load_plan(update=True)[1] is True
    assert WorkItem.objects.get(plan=plan, no=1).title_zh == "巩固拓展义务教育控辍保学成果"
    assert load_plan(update=True)[1] is False


def test_update_leaves_targets_alone(plan, league):
    target = Target.objects.get(indicator__code="T01-01")
    Target.objects.filter(pk=target.pk).update(value=3)
    load_plan(update=True)
    assert Target.objects.get(pk=target.pk).value == 3


def test_two_plans_stand_side_by_side(plan, second):
    assert set(Plan.objects.running()) == {plan, second}
    assert second.work_items.count() == 2
    assert Section.objects.filter(plan=second).count() == 1
    assert plan.work_items.count() == 15
    assert WorkItem.objects.get(plan=second, no=1).duty_code == "tasks.TEST-2026.01"


def test_both_plans_open_their_duties(plan, second):
    open_progress_duties(since=date(2026, 1, 1), on=date(2026, 4, 1))
    codes = set(Duty.objects.values_list("code", flat=True))
    assert {"tasks.01", "tasks.TEST-2026.01", "tasks.TEST-2026.02"} <= codes


def test_a_closed_plan_opens_no_duties(plan, second):
    Plan.objects.filter(pk=second.pk).update(closed_on=date(2026, 1, 1))
    open_progress_duties(since=date(2026, 1, 1), on=date(2026, 4, 1))
    assert not Duty.objects.filter(code__startswith="tasks.TEST").exists()


@pytest.mark.parametrize(
    "old, new, says",
    [
        ('code = "TEST-2026"', 'code = ""', "second-plan.toml:4: plan.code"),
        ("start_year = 2026", 'start_year = "2026"', "second-plan.toml:9: plan.start_year"),
        (
            "published_on = 2026-01-15",
            'published_on = "x"',
            "second-plan.toml:8: plan.published_on",
        ),
        ('title_zh = "试验任务二"\n', "", "second-plan.toml:30: task.title_zh"),
        ("tasks = [1, 2]", "tasks = [1]", "second-plan.toml:31: task.no: no section lists 2"),
        ('"office-aid"', '"office-nowhere"', "task.offices: no office 'office-nowhere'"),
        ('["举措乙", "Measure B"]', '["举措乙"]', "second-plan.toml:27: task.actions"),
        ('no = 1\ntitle_zh = "试验保障"', 'title_zh = "试验保障"', "safeguard.no"),
        ("[[section]]", "[[section", "second-plan.toml: "),
        ("second-plan-indicators.csv", "nowhere.csv", "nowhere.csv: no such file"),
    ],
)
def test_a_broken_plan_names_file_line_and_field(broken, old, new, says):
    with pytest.raises(BadPlanFile) as fault:
        load_plan(broken(old, new))
    assert says in str(fault.value)
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("UP,数人", "SIDEWAYS,数人", "second-plan-indicators.csv:2: direction"),
        ("S02-01,2,", "S02-01,9,", "second-plan-indicators.csv:3: task: no task '9'"),
        ("S02-01,2,试验比率", "S02-01,2,", "second-plan-indicators.csv:3: name_zh: is empty"),
        (",12,", ",many,", "second-plan-indicators.csv:2: target: is no number: 'many'"),
        ("S02-01,2,", "2,", "second-plan-indicators.csv:3: columns"),
        ("QUARTER", "SOMETIMES", "second-plan-indicators.csv:3: frequency"),
    ],
)
def test_a_broken_indicator_names_file_line_and_field(broken, old, new, says):
    with pytest.raises(BadPlanFile) as fault:
        load_plan(broken(old, new, file="csv"))
    assert says in str(fault.value)
    assert not Indicator.objects.exists()


def test_a_missing_column_is_named(broken):
    with pytest.raises(BadPlanFile, match="second-plan-indicators.csv:1: aggregation: no such col"):
        load_plan(broken(",aggregation,", ",adding,", file="csv"))


def test_a_code_that_stands_twice_is_named(broken):
    with pytest.raises(BadPlanFile, match="csv:3: code: 'S01-01' stands on line 2 too"):
        load_plan(broken("S02-01", "S01-01", file="csv"))


def test_a_code_of_another_plan_is_never_taken_over(plan, broken):
    with pytest.raises(BadPlanFile, match="csv:2: code: 'T01-01' belongs to AXM-2021"):
        load_plan(broken("S01-01", "T01-01", file="csv"), update=True)
    assert Indicator.objects.get(code="T01-01").work_item.plan == plan


def test_a_duty_code_of_another_task_is_named(plan, broken):
    path = broken('short_zh = "试验一"', 'duty_code = "tasks.01"')
    with pytest.raises(BadPlanFile, match="second-plan.toml:22: task.duty_code"):
        load_plan(path)


def test_a_file_in_another_encoding_is_named(broken):
    path = broken("试验用的目标", "试验用的目标")
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    with pytest.raises(BadPlanFile, match="second-plan.toml:5: is not UTF-8"):
        load_plan(path)


@pytest.mark.parametrize(("place", "field"), [("", "figure"), (",", "denominator_figure")])
def test_an_unknown_figure_is_named(broken, place, field):
    begins = f"QUARTER,RATIO,STOCK,LINE,0,0,{place}"
    path = broken(begins, f"{begins}nowhere.count", file="csv")
    with pytest.raises(BadPlanFile, match=f": {field}: no figure 'nowhere.count'"):
        load_plan(path)


def test_the_command_tells_a_fault_without_a_traceback(broken):
    with pytest.raises(CommandError, match="second-plan.toml:4: plan.code"):
        call_command("load_plan", str(broken('code = "TEST-2026"', "code = 5")))


def test_the_command_names_a_file_that_does_not_exist(db):
    with pytest.raises(CommandError, match="no such file"):
        call_command("load_plan", "nowhere.toml")
