"""The log: only grows, names every deed, is read and exported by the auditor."""

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from common import audit, clock
from common.models import AppendOnly, Event
from registry.roles import Role

ROOT = Path(__file__).resolve().parents[2]
PAGE = "/audit/"


@pytest.fixture
def event(db):
    return audit.record("common.signed_out", by=None, title="一件事")


@pytest.fixture
def auditor(client, officer, league):
    user = officer(league, Role.AUDITOR, username="shenji", name="审计员")
    client.force_login(user)
    return user


def page_of(client, query=""):
    return client.get(PAGE + query).content.decode()


# Append-only -------------------------------------------------------------------------------------
def test_an_event_is_never_changed_or_deleted(event):
    event.verb = "other"
    for deed in (
        event.save,
        event.delete,
        lambda: Event.objects.update(verb="other"),
        lambda: Event.objects.all().delete(),
        lambda: Event.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(AppendOnly):
            deed()
    assert Event.objects.get().verb == "common.signed_out"


@pytest.mark.parametrize(
    "statement", ["UPDATE common_event SET verb = 'other'", "DELETE FROM common_event"]
)
def test_the_database_itself_refuses(event, statement):
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get().verb == "common.signed_out"


@pytest.mark.django_db(transaction=True)
def test_the_trigger_stands_again_after_the_flush_of_a_test_that_commits():
    audit.record("common.signed_out", by=None)
    call_command("flush", interactive=False, verbosity=0)
    assert not Event.objects.exists()
    audit.record("common.signed_out", by=None)
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM common_event")
    assert Event.objects.count() == 1


def test_an_event_goes_with_its_deed(db):
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record("common.signed_out", by=None)
        raise RuntimeError
    assert not Event.objects.exists()


# Words -------------------------------------------------------------------------------------------
def verbs_in_code() -> set[str]:
    """Every text "app.deed" that stands where a verb stands: in a call of `record`, or named so."""
    apps = [f.parent.name for f in ROOT.glob("*/apps.py")]
    code = "\n".join(
        file.read_text(encoding="utf-8")
        for app in apps
        for file in (ROOT / app).rglob("*.py")
        if "migrations" not in file.parts
    )
    verb = rf'"((?:{"|".join(apps)})\.[a-z_]+)"'
    found = set(re.findall(r"(?:audit\.)?record\(\s*" + verb, code))
    found |= set(re.findall(r"\bverb(?:, \w+)? = " + verb, code))
    found |= set(re.findall(r"verb=" + verb, code))
    for pair in re.findall(r"\bverb = " + verb + r"[^\n]* else " + verb, code):
        found |= set(pair)
    return found


def test_every_verb_in_the_code_has_a_label():
    verbs = verbs_in_code()
    assert len(verbs) > 25
    missing = {verb for verb in verbs if not audit.has_label(verb)}
    assert not missing, f"label {sorted(missing)} in the app's verbs.py"


def test_a_verb_is_labelled_once():
    with pytest.raises(ValueError, match="twice"):
        audit.label_verbs({"common.signed_in": "x"})


# The page ----------------------------------------------------------------------------------------
def test_event_list_works(client, auditor, event):
    page = page_of(client)
    assert "一件事" in page and "日志 1 条" in page
    assert audit.verb_label("common.signed_out") in page


@pytest.mark.parametrize(
    "role", [Role.BUREAU, Role.OFFICIAL, Role.SUPERVISOR, Role.SYSADMIN, Role.SECADMIN]
)
def test_the_log_needs_the_permission(client, officer, league, event, role):
    client.force_login(officer(league, role))
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}{event.pk}/").status_code == 403


def test_the_log_needs_a_sign_in(client, event):
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")


def test_the_log_refuses_other_methods(client, auditor, event):
    assert client.post(PAGE).status_code == 405
    assert client.delete(f"{PAGE}{event.pk}/").status_code == 405


def test_an_unknown_event_is_no_page(client, auditor):
    assert client.get(PAGE + "99/").status_code == 404


def test_htmx_gets_only_the_list(client, auditor, event):
    part = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "一件事" in part and 'id="list-head"' in part and "<html" not in part


@pytest.fixture
def three(officer, east):
    """Three events that differ in everything."""
    person = officer(east, username="naren", name="娜仁")
    made = [
        audit.record("common.signed_out", person, by=person),
        audit.record("common.option_changed", by=None, title="季报截止"),
        audit.record("common.signed_in", by=None, title="***", refused=True),
    ]
    days = [datetime(2025, 10, 1, 9), datetime(2025, 10, 12, 23, 59), datetime(2025, 10, 13, 0, 1)]
    Event.objects.bulk_create(
        Event(
            at=timezone.make_aware(day),
            actor=e.actor,
            verb=e.verb,
            subject_code=e.subject_code,
            subject_pk=e.subject_pk,
            subject_title=f"{e.subject_title} 第{number}件",
            outcome=e.outcome,
        )
        for number, (e, day) in enumerate(zip(made, days, strict=True), start=1)
    )


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("?q=季报截止", "2"),
        ("?q=第3件", "3"),
        ("?actor=naren&until=2025-10-31", "1"),
        ("?verb=common.option_changed&until=2025-10-31", "2"),
        ("?subject_code=common.user&until=2025-10-31", "1"),
        ("?outcome=REFUSED&until=2025-10-31", "3"),
        ("?since=2025-10-12&until=2025-10-12", "2"),
        ("?since=2025-10-13&until=2025-10-13", "3"),
        ("?until=2025-10-11", "1"),
    ],
)
def test_event_list_is_narrowed(client, auditor, three, query, shows):
    page = page_of(client, query)
    assert {n for n in "123" if f"第{n}件" in page} == {shows}


def test_event_list_exports_exactly_what_is_filtered_and_logs_it(client, auditor, three):
    response = client.get(PAGE + "?until=2025-10-12&export=csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert sorted(r[3][-3:] for r in rows[2:]) == ["第1件", "第2件"]
    event = Event.objects.get(verb="common.list_exported")
    assert event.actor_id == auditor.pk
    assert event.after["rows"] == 2 and event.after["filters"] == {"until": ["2025-10-12"]}


def test_event_detail_shows_before_and_after_side_by_side(client, auditor):
    event = audit.record(
        "common.option_changed",
        by=auditor,
        title="季报截止",
        before={"value": "10"},
        after={"value": "12", "reason": "依据某文"},
    )
    page = client.get(f"{PAGE}{event.pk}/").content.decode()
    assert '<span class="ax-old">10</span>' in page and '<span class="ax-new">12</span>' in page
    assert "原因" in page and "依据某文" in page


def test_event_list_query_count_is_the_same_at_few_and_many_rows(
    client, auditor, django_assert_num_queries
):
    def fill(count):
        Event.objects.bulk_create(
            Event(at=clock.now() + timedelta(seconds=n), verb="common.signed_in")
            for n in range(count)
        )

    client.get(PAGE)
    fill(10)
    with django_assert_num_queries(6):
        client.get(PAGE)
    fill(300)
    with django_assert_num_queries(6):
        client.get(PAGE)


# Refusals ----------------------------------------------------------------------------------------
def test_a_forbidden_page_is_an_event(client, officer, east):
    person = officer(east)
    client.force_login(person)
    client.get(PAGE)
    event = Event.objects.get(verb="common.access_refused")
    assert (event.actor_id, event.outcome) == (person.pk, "REFUSED")
    assert event.after == {"page": "common:event-list", "method": "GET"}


def test_one_refusal_is_one_event(client, officer, east):
    client.force_login(officer(east))
    client.get(PAGE, headers={"HX-Request": "true"})
    assert Event.objects.filter(verb="common.access_refused").count() == 1
