"""The demonstration: repeatable, only when asked for, and with something in every state."""

from datetime import date
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from common.models import User
from registry.models import Duty
from tasks_app.models import HistoryBatch, Observation, ProgressReport, Target
from tests.cast import TODAY

S = ProgressReport.State


def load():
    call_command("load_demo", stdout=StringIO())


def counted():
    models = [
        m
        for app in ("common", "registry", "tasks_app", "dropout", "subsidies")
        for m in apps.get_app_config(app).get_models()
    ]
    return {model._meta.label: model.objects.count() for model in models}


def test_demo_is_refused_without_the_setting(settings, plan):
    settings.DEMO = False
    with pytest.raises(CommandError, match="PORTAL_DEMO"):
        load()
    assert not User.objects.exists()


def test_demo_has_every_state_and_kind_of_gap_and_is_loaded_once(settings, plan, clock_at):
    settings.DEMO = True
    load()
    has_every_state_and_kind_of_gap()
    before = counted()
    values = list(Observation.objects.order_by("pk").values())
    clock_at(TODAY.replace(month=12))  # it hangs on the day it was first loaded
    load()
    assert counted() == before
    assert list(Observation.objects.order_by("pk").values()) == values


def has_every_state_and_kind_of_gap():
    reports = ProgressReport.objects
    assert set(reports.values_list("state", flat=True)) == set(S.values)
    assert set(Observation.objects.values_list("state", flat=True)) == {
        "REPORTED",
        "NOT_REPORTED",
        "NOT_APPLICABLE",
        "NO_CASE",
    }
    # one correction is finished and one waits; the old values are kept
    assert Observation.objects.filter(superseded_at__isnull=False).exists()
    assert reports.filter(corrects__isnull=False, state=S.SUBMITTED).exists()
    returned = reports.filter(state=S.RETURNED).first().reviews.latest("at")
    assert returned.note and returned.field_notes
    assert set(HistoryBatch.objects.values_list("state", flat=True)) == {"SUBMITTED", "APPROVED"}
    assert not Observation.objects.filter(period_end__gte=TODAY).exists()

    left, left2 = (User.objects.get(username=name) for name in ("left", "left2"))
    owed = Duty.objects.owed_by(left, "tasks_app.fill_progressreport").ended(TODAY).open()
    assert owed.filter(progress_reports__isnull=True).count() >= 2
    to_check = reports.visible_to(left2, "tasks_app.check_progressreport").waiting_for_check()
    assert to_check.not_by(left2).count() == 1

    demo_targets = Target.objects.filter(ground=Target.Ground.DEMO)
    assert set(demo_targets.values_list("source", flat=True)) == {"演示数据"}
    assert not demo_targets.filter(indicator__code__in=["T01-01", "T13-01"]).exists()
    bulk = reports.filter(state=S.APPROVED, version=1).first()
    assert bulk.duty.met_at and bulk.reviews.filter(verdict="APPROVED").exists()


@pytest.mark.parametrize("day", ["2026-01-02", "2026-09-01"])
def test_demo_can_begin_on_any_day(settings, plan, clock_at, day):
    clock_at(date.fromisoformat(day))
    settings.DEMO = True
    load()
    left = User.objects.get(username="left")
    owed = Duty.objects.owed_by(left, "tasks_app.fill_progressreport")
    assert owed.ended(date.fromisoformat(day)).open().count() >= 3
