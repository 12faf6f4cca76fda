"""Django's admin holds reference data only; every save is an event; history is not deleted."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from common import audit
from common.models import Event
from registry.models import CalendarDay, Closure, Duty, Unit, UnitAlias
from registry.roles import Role
from tasks_app.models import Action, Indicator, Plan, Safeguard, Section, WorkItem

REFERENCE = {
    "registry.calendarday",
    "registry.unit",
    "tasks_app.action",
    "tasks_app.indicator",
    "tasks_app.plan",
    "tasks_app.safeguard",
    "tasks_app.section",
    "tasks_app.workitem",
}


@pytest.fixture
def bureau(client, officer, league):
    user = officer(league, Role.BUREAU, "keeper", "管资料的人")
    client.force_login(user)
    return user


def page(thing, what="change"):
    meta = thing._meta
    args = [] if what in ("add", "changelist") else [thing.pk]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{what}", args=args)


def posted(client, address, **over):
    """The form of a page as a browser would send it back, with some fields changed."""
    shown = client.get(address)
    context = shown.context
    data = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return client.post(address, data | over)


# What is there -----------------------------------------------------------------------------------
def test_only_reference_models_are_in_the_admin():
    assert {model._meta.label_lower for model in admin.site._registry} == REFERENCE


def test_every_deed_there_has_a_name_in_the_log():
    for label in REFERENCE:
        for deed in ("added", "changed", "deleted"):
            assert audit.has_label(f"{label}_{deed}")


@pytest.mark.parametrize(
    "role, status",
    [
        (Role.BUREAU, 200),
        (Role.OFFICIAL, 302),
        (Role.SCHOOL, 302),
        (Role.SUPERVISOR, 302),
        (Role.SYSADMIN, 302),
        (Role.SECADMIN, 302),
        (Role.AUDITOR, 302),
    ],
)
@pytest.mark.parametrize("address", ["/admin/", "/admin/registry/unit/"])
def test_only_the_bureau_opens_the_admin(client, officer, league, role, status, address):
    client.force_login(officer(league, role))
    assert client.get(address).status_code == status


def test_signing_in_to_the_admin_is_the_portals_own_door(client, db):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")


def test_every_list_and_form_of_the_admin_opens(client, plan, bureau):
    things = [
        Unit.objects.get(key="banner-zuoqi"),
        CalendarDay.objects.first(),
        plan,
        Section.objects.first(),
        WorkItem.objects.first(),
        Action.objects.first(),
        Safeguard.objects.first(),
        Indicator.objects.first(),
    ]
    assert len(things) == len(REFERENCE)
    for thing in things:
        assert client.get(page(thing, "changelist")).status_code == 200
        assert client.get(page(thing)).status_code == 200
        if not isinstance(thing, Plan):
            assert client.get(page(thing, "add")).status_code == 200


# Events ------------------------------------------------------------------------------------------
def test_a_change_is_one_event_with_before_and_after(client, plan, bureau):
    item = WorkItem.objects.get(plan=plan, no=2)
    assert posted(client, page(item), short_zh="新的简称").status_code == 302
    event = Event.objects.get(verb="tasks_app.workitem_changed")
    assert (event.before["short_zh"], event.after["short_zh"]) == ("办学条件", "新的简称")
    assert event.actor.startswith("管资料的人") and event.subject_pk == str(item.pk)
    assert not LogEntry.objects.exists()


def test_a_save_without_a_change_is_no_event(client, plan, bureau):
    posted(client, page(WorkItem.objects.get(plan=plan, no=2)))
    assert not Event.objects.filter(verb="tasks_app.workitem_changed").exists()


def test_an_addition_and_a_deletion_are_events(client, plan, bureau):
    item = WorkItem.objects.get(plan=plan, no=2)
    client.post(
        reverse("admin:tasks_app_action_add"),
        {"work_item": item.pk, "no": 9, "text_zh": "新的举措", "text_en": ""},
    )
    action = Action.objects.get(text_zh="新的举措")
    assert Event.objects.get(verb="tasks_app.action_added").after["text_zh"] == "新的举措"
    client.post(page(action, "delete"), {"post": "yes"})
    assert not Action.objects.filter(pk=action.pk).exists()
    assert Event.objects.get(verb="tasks_app.action_deleted").before["text_zh"] == "新的举措"


def test_rows_below_are_named_in_the_event(client, units, bureau):
    east = units["banner-zuoqi"]
    alias = east.aliases.first()
    answer = posted(client, page(east), **{"aliases-0-name": "左旗的新别名"})
    assert answer.status_code == 302, answer.context["errors"]
    event = Event.objects.get(verb="registry.unit_changed")
    assert "左旗的新别名" in event.after["rows"][0]
    assert UnitAlias.objects.get(pk=alias.pk).name == "左旗的新别名"


# The tree and the days follow --------------------------------------------------------------------
def test_a_new_unit_takes_its_place_in_the_tree_at_once(client, units, bureau):
    league = units["league"]
    answer = client.post(
        reverse("admin:registry_unit_add"),
        {
            "key": "zone-new",
            "name": "试验新区",
            "kind": "ZONE",
            "sort_no": 35,
            "valid_from": "2025-01-01",
            "parents-TOTAL_FORMS": 1,
            "parents-INITIAL_FORMS": 0,
            "parents-0-parent": league.pk,
            "parents-0-valid_from": "2025-01-01",
            **{
                f"{prefix}-{name}": 0
                for prefix in ("run_by", "aliases", "codes")
                for name in ("TOTAL_FORMS", "INITIAL_FORMS")
            },
        },
    )
    assert answer.status_code == 302
    unit = Unit.objects.get(key="zone-new")
    assert Closure.objects.filter(ancestor=league, descendant=unit).exists()
    assert unit.sort_key.startswith("shi yan xin qu")


def test_a_unit_never_lies_under_itself(client, units, bureau):
    east = units["banner-zuoqi"]
    township = Unit.objects.get(key="township-152921102")
    answer = posted(client, page(east), **{"parents-0-parent": township.pk})
    assert answer.status_code == 200 and "上级不能是本单位" in answer.content.decode()
    assert east.parents.get().parent == units["league"]


def test_two_parents_at_once_are_refused(client, units, bureau):
    east, league = units["banner-zuoqi"], units["league"]
    answer = posted(
        client,
        page(east),
        **{
            "parents-TOTAL_FORMS": 2,
            "parents-1-parent": league.pk,
            "parents-1-unit": east.pk,
            "parents-1-valid_from": "2025-01-01",
        },
    )
    assert answer.status_code == 200 and "两段时间重叠" in answer.content.decode()


def test_reporting_and_merging_are_not_done_here(client, units, bureau):
    east = units["banner-zuoqi"]
    posted(client, page(east), reports_education="", valid_to="2025-01-01")
    east.refresh_from_db()
    assert east.reports_education and east.valid_to is None


def test_a_moved_working_day_moves_due_days(client, plan, bureau, east):
    duty = Duty.objects.create(
        code="tasks.07",
        unit=east,
        period="2025Q3",
        period_kind="QUARTER",
        period_end=date(2025, 9, 30),
        due_on=date(2025, 10, 21),
    )
    client.post(
        reverse("admin:registry_calendarday_add"),
        {"on": "2025-10-20", "note": "试验假日", "source": ""},
    )
    duty.refresh_from_db()
    assert duty.due_on == date(2025, 10, 22)
    client.post(page(CalendarDay.objects.get(on=date(2025, 10, 20)), "delete"), {"post": "yes"})
    duty.refresh_from_db()
    assert duty.due_on == date(2025, 10, 21)


# History -----------------------------------------------------------------------------------------
def test_a_unit_with_history_cannot_be_deleted(client, units, bureau):
    league = units["league"]
    assert 'class="deletelink"' not in client.get(page(league)).content.decode()
    assert client.post(page(league, "delete"), {"post": "yes"}).status_code == 403
    assert Unit.objects.filter(pk=league.pk).exists()


def test_an_indicator_with_targets_keeps_its_meaning(client, plan, bureau):
    indicator = Indicator.objects.get(code="T01-01")
    shown = client.get(page(indicator))
    assert not {"code", "frequency", "aggregation"} & set(shown.context["adminform"].form.fields)
    assert client.post(page(indicator, "delete"), {"post": "yes"}).status_code == 403
    fresh = Indicator.objects.get(code="T08-02")
    assert "frequency" in client.get(page(fresh)).context["adminform"].form.fields


def test_a_task_with_duties_cannot_be_deleted(client, plan, duties, bureau):
    item = WorkItem.objects.get(plan=plan, no=7)
    item.indicators.all().delete()
    assert client.post(page(item, "delete"), {"post": "yes"}).status_code == 403


def test_nothing_is_deleted_in_bulk(client, plan, bureau):
    shown = client.get(reverse("admin:tasks_app_action_changelist"))
    assert 'name="action"' not in shown.content.decode()


def test_a_plan_is_neither_added_nor_deleted_here(client, plan, bureau):
    assert client.get(reverse("admin:tasks_app_plan_add")).status_code == 403
    assert client.post(page(plan, "delete"), {"post": "yes"}).status_code == 403


def test_a_refused_save_leaves_no_event(client, plan, bureau):
    answer = posted(client, page(WorkItem.objects.get(plan=plan, no=2)), title_zh="")
    assert answer.status_code == 200
    assert not Event.objects.filter(verb__startswith="tasks_app.workitem").exists()


def test_the_admin_needs_no_script_or_style_of_its_own_in_the_page(client, plan, bureau):
    """The strict policy of the portal holds there too."""
    for address in ("/admin/", page(Unit.objects.get(key="league"))):
        html = client.get(address).content.decode()
        assert "<style" not in html and "onclick" not in html and ' style="' not in html
        assert "<script>" not in html
