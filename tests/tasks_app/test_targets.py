"""Targets and baselines: set, changed with a reason, withdrawn; nothing is overwritten."""

from decimal import Decimal

import pytest
from django.urls import reverse

from common.models import Event
from common.periods import Period
from registry.roles import Role
from tasks_app.models import Baseline, Indicator, Target
from tasks_app.models.values import ChangeReason
from tasks_app.services import reports, targets
from tests.cast import NOW


@pytest.fixture
def fairs(plan):
    """Job fairs a quarter: a count."""
    return Indicator.objects.get(code="T07-04")


@pytest.fixture
def rate(plan):
    return Indicator.objects.get(code="T07-01")


@pytest.fixture
def planner(officer, league):
    return officer(league, Role.BUREAU, "planner", "定目标的人")


@pytest.fixture
def reported(submitted, reviewer):
    """An approved report rests on the job fairs of the third quarter."""
    return reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)


def set_target(indicator, by, unit, value="40", year=2025, **over):
    facts = {"ground": "DOCUMENT", "source": "阿教体发〔2025〕12号"} | over
    return targets.set_target(
        indicator, by=by, at=NOW, unit=unit, year=year, value=Decimal(value), **facts
    )


def typed(league, **over):
    return {
        "year": "2025",
        "unit": league.pk,
        "value": "40",
        "ground": "DOCUMENT",
        "source": "阿教体发〔2025〕12号",
    } | over


# The deeds ---------------------------------------------------------------------------------------
def test_a_new_target_supersedes_the_old_and_both_stay(fairs, planner, league):
    old = set_target(fairs, planner, league, "40")
    new = set_target(fairs, planner, league, "48")
    old.refresh_from_db()
    assert old.superseded_at == NOW and new.superseded_at is None
    assert list(fairs.targets.current()) == [new]


def test_setting_a_target_is_one_event_with_before_and_after(fairs, planner, league):
    set_target(fairs, planner, league, "40")
    set_target(fairs, planner, league, "48")
    event = Event.objects.filter(verb="tasks_app.target_set").latest("pk")
    assert (event.before["value"], event.after["value"]) == ("40", "48")
    assert event.actor.startswith("定目标的人")


def test_targets_of_other_years_and_units_stay(fairs, planner, league, east):
    set_target(fairs, planner, league, year=2025)
    set_target(fairs, planner, league, year=2026)
    set_target(fairs, planner, east, year=2025)
    assert fairs.targets.current().count() == 3


def test_after_reports_exist_a_change_needs_a_coded_reason(fairs, planner, league, reported):
    set_target(fairs, planner, league, "40")
    with pytest.raises(targets.ReasonMissing):
        set_target(fairs, planner, league, "48")
    changed = set_target(fairs, planner, league, "48", reason=ChangeReason.NEW_DOCUMENT)
    assert changed.reason == ChangeReason.NEW_DOCUMENT
    assert fairs.targets.count() == 2


def test_other_is_a_reason_only_with_a_note(fairs, planner, league, reported):
    set_target(fairs, planner, league, "40")
    with pytest.raises(targets.NoteMissing):
        set_target(fairs, planner, league, "48", reason=ChangeReason.OTHER)
    changed = set_target(fairs, planner, league, "48", reason=ChangeReason.OTHER, note="会议议定")
    assert changed.reason_note == "会议议定"


def test_before_any_report_no_reason_is_asked(fairs, planner, league):
    set_target(fairs, planner, league, "40")
    assert set_target(fairs, planner, league, "48").reason == ""


def test_the_first_target_needs_no_reason_though_reports_exist(fairs, planner, league, reported):
    assert set_target(fairs, planner, league).superseded_at is None


def test_the_same_again_is_told_and_not_stored(fairs, planner, league):
    set_target(fairs, planner, league)
    with pytest.raises(targets.Unchanged):
        set_target(fairs, planner, league)
    assert fairs.targets.count() == 1


def test_a_target_set_since_the_page_was_opened_is_not_overwritten(fairs, planner, league):
    newer = set_target(fairs, planner, league, "40")
    with pytest.raises(targets.ChangedSince) as told:
        set_target(fairs, planner, league, "48", seen=newer.pk - 1)
    assert told.value.current == newer


def test_a_withdrawn_target_has_no_successor_and_keeps_its_reason(fairs, planner, league):
    target = set_target(fairs, planner, league)
    targets.withdraw_target(target, by=planner, at=NOW, reason=ChangeReason.DEFINITION)
    target.refresh_from_db()
    assert not fairs.targets.current().exists()
    assert (target.withdrawn_reason, target.withdrawn_by) == (ChangeReason.DEFINITION, planner)
    assert Event.objects.filter(verb="tasks_app.target_withdrawn").count() == 1


def test_withdrawing_always_needs_a_reason(fairs, planner, league):
    target = set_target(fairs, planner, league)
    with pytest.raises(targets.ReasonMissing):
        targets.withdraw_target(target, by=planner, at=NOW, reason="")


def test_a_target_is_withdrawn_once(fairs, planner, league):
    target = set_target(fairs, planner, league)
    targets.withdraw_target(target, by=planner, at=NOW, reason=ChangeReason.TYPING)
    with pytest.raises(targets.AlreadyGone):
        targets.withdraw_target(target, by=planner, at=NOW, reason=ChangeReason.TYPING)


def test_a_baseline_supersedes_the_old_one(rate, planner, league):
    def start(numerator):
        return targets.set_baseline(
            rate,
            by=planner,
            at=NOW,
            unit=league,
            period=Period.parse("2020"),
            numerator=Decimal(numerator),
            denominator=Decimal(1000),
            source="年度事业统计台账",
        )

    old, new = start("970"), start("980")
    assert list(Baseline.objects.current()) == [new]
    assert Baseline.objects.get(pk=old.pk).superseded_at == NOW
    assert new.value == 98


def test_a_baseline_too_needs_a_reason_after_reports(fairs, planner, east, reported):
    facts = {"unit": east, "period": Period.parse("2020Q4"), "source": "台账"}
    targets.set_baseline(fairs, by=planner, at=NOW, numerator=Decimal(3), **facts)
    with pytest.raises(targets.ReasonMissing):
        targets.set_baseline(fairs, by=planner, at=NOW, numerator=Decimal(4), **facts)


# The pages ---------------------------------------------------------------------------------------
def test_target_page_sets_the_target(client, fairs, planner, league):
    client.force_login(planner)
    answer = client.post(reverse("tasks_app:target-set", args=[fairs.pk]), typed(league))
    assert answer.status_code == 302 and answer.url == fairs.get_absolute_url()
    assert fairs.targets.current().get().value == 40


@pytest.mark.parametrize(
    "over, field, words",
    [
        ({"value": "四十"}, "value", "这里要填数字"),
        ({"value": ""}, "value", "写目标值"),
        ({"value": "-1"}, "value", "不能是负数"),
        ({"value": "40.5"}, "value", "要填整数"),
        ({"year": "2019"}, "year", "2021 到 2040"),
        ({"year": "明年"}, "year", "四位数字"),
        ({"source": ""}, "source", "写明依据的文件"),
        ({"ground": "DEMO"}, "ground", ""),
        ({"unit": "0"}, "unit", ""),
    ],
)
def test_target_page_tells_a_fault_at_its_field(client, fairs, planner, league, over, field, words):
    client.force_login(planner)
    data = typed(league, **over)
    answer = client.post(reverse("tasks_app:target-set", args=[fairs.pk]), data)
    assert answer.status_code == 422
    assert words in "".join(answer.context["form"].errors[field])
    assert not fairs.targets.exists()


@pytest.mark.parametrize(
    "value, words", [("101", "不能超过 100"), ("0.95", "不填 0.95"), ("95％", "")]
)
def test_a_rate_is_typed_in_per_cent(client, rate, planner, league, value, words):
    client.force_login(planner)
    data = typed(league, value=value)
    answer = client.post(reverse("tasks_app:target-set", args=[rate.pk]), data)
    if words:
        assert words in answer.context["form"].errors["value"][0]
    else:
        assert rate.targets.current().get().value == 95


def test_target_page_asks_why_after_reports(client, fairs, planner, league, reported):
    set_target(fairs, planner, league)
    client.force_login(planner)
    address = reverse("tasks_app:target-set", args=[fairs.pk])
    answer = client.post(address, typed(league, value="48"))
    assert "要选原因" in answer.context["form"].errors["reason"][0]
    answer = client.post(address, typed(league, value="48", reason="OTHER"))
    assert "要写明" in answer.context["form"].errors["note"][0]
    answer = client.post(address, typed(league, value="48", reason="OTHER", note="会议议定"))
    assert answer.status_code == 302


def test_target_page_older_than_what_is_stored_is_told(client, fairs, planner, league):
    client.force_login(planner)
    address = reverse("tasks_app:target-set", args=[fairs.pk])
    seen = client.get(address).context["form"].initial["seen"]
    set_target(fairs, planner, league, "44")
    answer = client.post(address, typed(league, value="48", seen=seen))
    assert answer.status_code == 422
    assert "已改为 44" in answer.context["form"].errors["value"][0]


def test_what_is_counted_for_the_league_offers_the_league_only(client, plan, planner):
    client.force_login(planner)
    league_only = Indicator.objects.get(code="T15-03")
    page = client.get(reverse("tasks_app:target-set", args=[league_only.pk]))
    assert [unit.key for unit in page.context["form"].fields["unit"].queryset] == ["league"]


def test_withdraw_page_asks_for_the_reason(client, fairs, planner, league):
    target = set_target(fairs, planner, league)
    client.force_login(planner)
    address = reverse("tasks_app:target-withdraw", args=[target.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "TYPING"}).status_code == 302
    assert not Target.objects.current().filter(indicator=fairs).exists()


def test_both_targets_and_the_reasons_stand_on_the_indicators_page(
    client, fairs, planner, league, reported
):
    set_target(fairs, planner, league, "40")
    set_target(fairs, planner, league, "48", reason=ChangeReason.OTHER, note="会议议定")
    client.force_login(planner)
    page = client.get(fairs.get_absolute_url()).content.decode()
    assert '<del class="ax-old">40</del>' in page and "会议议定" in page and "变更记录" in page


@pytest.mark.parametrize("name", ["target-set", "baseline-set"])
@pytest.mark.parametrize(
    "role, status", [(Role.BUREAU, 200), (Role.OFFICIAL, 403), (Role.SUPERVISOR, 403)]
)
def test_only_the_bureau_sets_targets(client, fairs, officer, league, role, status, name):
    client.force_login(officer(league, role))
    assert client.get(reverse(f"tasks_app:{name}", args=[fairs.pk])).status_code == status


@pytest.mark.parametrize(
    "over, field, words",
    [
        ({"period": "2020Q4"}, "period", "不是这一种"),
        ({"period": "去年"}, "period", "不是期别"),
        ({"numerator": "1001"}, "numerator", "大于分母"),
        ({"denominator": ""}, "denominator", "分母也要写"),
        ({"denominator": "0"}, "numerator", "分子只能是 0"),
    ],
)
def test_baseline_page_tells_a_fault_at_its_field(
    client, rate, planner, league, over, field, words
):
    data = {
        "period": "2020",
        "unit": league.pk,
        "numerator": "970",
        "denominator": "1000",
        "source": "台账",
    }
    client.force_login(planner)
    address = reverse("tasks_app:baseline-set", args=[rate.pk])
    answer = client.post(address, data | over)
    assert answer.status_code == 422
    assert words in answer.context["form"].errors[field][0]
    assert client.post(address, data).status_code == 302
    assert rate.baselines.current().get().value == 97
