"""A form of many lines: a Job makes it, only who asked gets it, and after a day it is gone."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from common import jobs, vault
from common.models import Event, Job
from intake import kinds
from intake.columns.base import Context
from intake.forms import Form, ask_for_filled, long, made_form
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import children, make_school, take_in

STUDENTS = kinds.get("students")


@pytest.fixture(autouse=True)
def now(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def official(east, officer):
    return officer(east)


@pytest.fixture
def roster(east, official, monkeypatch):
    """Three children, which are too many for a request."""
    monkeypatch.setattr(long, "MOST_AT_ONCE", 2)
    rows = children(3, make_school("阿左旗第一小学", east))
    take_in(rows, by=official, unit=east)
    return rows


@pytest.fixture
def context(official, east):
    return Context(user=official, permission=STUDENTS.permission, on=TODAY, unit=east)


def run(job: Job) -> Job:
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_short_form_is_made_at_once(roster, context, monkeypatch):
    monkeypatch.setattr(long, "MOST_AT_ONCE", 3)
    assert isinstance(ask_for_filled(STUDENTS, context), Form)


def test_a_long_form_is_made_by_a_job(roster, context):
    job = ask_for_filled(STUDENTS, context)
    assert made_form(job) is None and not Event.objects.filter(verb="intake.form_filled").exists()
    form = made_form(run(job))
    assert form.lines == 3 and form.name == "学生名册-预填表-阿拉善左旗.xlsx"
    assert load_workbook(io.BytesIO(form.content)).worksheets[0].max_row == 7
    assert Event.objects.filter(verb="intake.form_filled").count() == 1


def test_it_is_kept_unreadable(roster, context):
    job = run(ask_for_filled(STUDENTS, context))
    kept = vault.path_of(job.result["form"]).read_bytes()
    assert not kept.startswith(b"PK") and b"xl/worksheets" not in kept


def test_a_reason_is_no_argument_in_clear(roster, context):
    job = ask_for_filled(STUDENTS, context, reason="核对那仁的户籍")
    assert "那仁" not in str(job.arguments)
    made_form(run(job))
    assert Event.objects.get(verb="intake.form_filled").after["reason"] == "核对那仁的户籍"


def test_a_job_asks_for_the_right_again(roster, context, official):
    job = ask_for_filled(STUDENTS, context)
    official.postings.update(valid_to=TODAY - timedelta(days=1))
    assert run(job).state == Job.State.FAILED and job.fault


def test_after_a_day_it_is_gone(roster, context, now):
    job = run(ask_for_filled(STUDENTS, context))
    assert long.clear_made(at=now + timedelta(hours=23)) == 0
    path = vault.path_of(job.result["form"])
    assert long.clear_made(at=now + timedelta(hours=25)) == 1 and not path.exists()
    job.refresh_from_db()
    with pytest.raises(vault.Gone):
        made_form(job)


def test_the_page_waits_and_then_hands_it_out(roster, official, east, client):
    client.force_login(official)
    answer = client.get("/intake/kinds/students/form/?filled=1")
    job = Job.objects.get(kind=long.KIND)
    assert answer.url == f"/intake/forms/{job.pk}/"
    assert "hx-trigger" in client.get(answer.url).content.decode()
    run(job)
    done = client.get(answer.url, headers={"HX-Request": "true"}).content.decode()
    assert f'href="{answer.url}"' in done and "hx-trigger" not in done
    content = b"".join(client.get(answer.url).streaming_content)
    assert load_workbook(io.BytesIO(content)).worksheets[0].max_row == 7


def test_nobody_else_gets_it(roster, context, officer, east, client):
    job = run(ask_for_filled(STUDENTS, context))
    client.force_login(officer(east, Role.OFFICIAL))
    assert client.get(f"/intake/forms/{job.pk}/").status_code == 404


def test_a_form_that_has_gone_is_told_on_the_page(roster, context, official, client, now):
    job = run(ask_for_filled(STUDENTS, context))
    long.clear_made(at=now + timedelta(days=2))
    client.force_login(official)
    answer = client.get(f"/intake/forms/{job.pk}/", follow=True)
    assert "只留一天" in answer.content.decode()
