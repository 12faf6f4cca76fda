"""What no careful person sends: odd addresses, forged numbers, two clicks, pages that have gone stale."""

# ruff: noqa: F811 (fixtures are named as arguments)

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from alashan_portal.wsgi import application
from common.models import Event, Option, User
from common.services import accounts
from registry.models import CalendarDay, Posting, Unit
from registry.roles import Role
from registry.services import duties as registry_duties
from registry.services import postings
from tasks_app.models import HistoryBatch, ProgressReport
from tasks_app.services import history, reports
from tests.cast import NOW, TODAY
from tests.tasks_app.conftest import duties, duty, fill, filler, reviewer, submitted  # noqa: F401 fixtures

LATER = TODAY + timedelta(days=30)
LONG = "9" * 5000  # more digits than Python reads as a number


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


@pytest.fixture
def sysadmin(officer, league):
    return officer(league, Role.SYSADMIN, username="sys", name="系统员")


@pytest.fixture
def secadmin(officer, league):
    return officer(league, Role.SECADMIN, username="sec", name="安全员")


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def told(client) -> str:
    """The messages on the next page."""
    return client.get(reverse("accounts:me")).content.decode()


# Addresses ---------------------------------------------------------------------------------------
ODD = [
    "²",
    LONG,
    "-1",
    "0",
    "NaN",
    "9" * 30,
    "0001-01-01",
    "9999-12-31",
    "a\ud800".encode("utf-8", "replace").decode(),
    "\u202e😀",
]
ASKED = [
    (Role.BUREAU, "tasks_app:report-list", "page per_page sort unit task period q"),
    (Role.BUREAU, "tasks_app:indicator-list", "page per_page sort task q"),
    (Role.BUREAU, "tasks_app:history-list", "page per_page by"),
    (Role.BUREAU, "tasks_app:history-new", "from"),
    (Role.BUREAU, "tasks_app:history-form", "first last task"),
    (Role.BUREAU, "registry:unit-list", "page per_page under on kind"),
    (Role.BUREAU, "registry:calendar", "year"),
    (Role.BUREAU, "dashboard:overview", "period"),
    (Role.BUREAU, "common:job-list", "page per_page"),
    (Role.BUREAU, "admin:registry_calendarday_changelist", "on__year p o"),
    (Role.SYSADMIN, "registry:account-list", "page per_page unit"),
    (Role.SYSADMIN, "registry:posting-list", "page per_page unit"),
    (Role.AUDITOR, "common:event-list", "page per_page since until"),
]


@pytest.mark.parametrize(("role", "name", "parts"), ASKED)
def test_odd_addresses_are_answered(officer, league, plan, role, name, parts):
    client = as_(officer(league, role))
    for part in parts.split():
        for odd in ODD:
            reply = client.get(reverse(name), {part: odd})
            assert reply.status_code in (200, 302, 400, 404), f"{name}?{part}={odd[:20]}"


def test_the_address_does_not_say_how_long_a_page_is(officer, league):
    page = as_(officer(league, Role.BUREAU)).get(reverse("registry:unit-list"), {"per_page": 500})
    assert len(page.context["table"].paginated_rows) == 50


@pytest.mark.parametrize("role", [Role.BUREAU, Role.AUDITOR])
def test_a_nul_in_an_address_is_refused(officer, league, role):
    client = as_(officer(league, role))
    assert client.get("/units/?export=csv&q=a%00b").status_code == 400
    assert client.get("/settings/%00/").status_code == 400


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain; charset=rot13",
        "text/plain; charset=undefined",
        "text/plain; charset*=nothing''x",
        "multipart/form-data; boundary=b; charset=unicode_escape",
        "multipart/form-data; boundary*=nothing''b",
    ],
)
def test_every_request_is_read_as_utf8(db, kind):
    asked = RequestFactory().get(r"/accounts/login/?next=\ud800")
    answers = []
    application(
        asked.environ | {"CONTENT_TYPE": kind}, lambda status, headers: answers.append(status)
    )
    assert answers == ["200 OK"]


def test_an_upload_for_a_key_that_is_none_is_not_found(officer, east):
    data = {"subject": "tasks_app.progressreport", "pk": LONG, "purpose": "evidence"}
    assert as_(officer(east)).post(reverse("common:file-upload"), data).status_code == 404


@pytest.mark.parametrize("goal", ["abc", "2025Q1", "²", "//evil.example", "https://evil.example/"])
def test_after_the_door_comes_a_page_of_the_portal(client, officer, east, goal):
    officer(east, username="somebody")
    data = {"username": "somebody", "password": "Alxa-demo-2025", "next": goal}
    reply = client.post(reverse("accounts:login"), data)
    assert reply.status_code == 302 and reply["Location"] == "/"
    reply = client.post(reverse("accounts:preferences"), {"text_size": "", "next": goal})
    assert reply.status_code == 302 and reply["Location"] == "/"


@pytest.mark.parametrize("code", ["en-aaaaaaaa-bbbbbbbb-cccc", "zh-hant", "fr", "../x"])
def test_a_language_that_the_portal_lacks_is_not_kept(officer, east, code):
    user = officer(east)
    assert as_(user).post(reverse("set_language"), {"language": code}).status_code == 302
    user.refresh_from_db()
    assert user.language == ""


# Forged values -----------------------------------------------------------------------------------
def test_a_draft_is_stored_without_what_no_database_takes(client, duty, filler):
    client.force_login(filler)
    data = {"base": "²", "done": "第一行\r\n第二\0行"}
    reply = client.post(reverse("tasks_app:draft-save", args=[duty.pk]), data)
    assert reply.status_code == 200
    assert duty.progress_reports.get().draft["done"] == "第一行\n第二行"


@pytest.mark.parametrize("seen", ["²", LONG, "-1", "", "1e3", "999"])
@pytest.mark.parametrize("deed", ["report-approve", "report-return"])
def test_a_forged_version_decides_nothing(client, submitted, reviewer, deed, seen):
    client.force_login(reviewer)
    client.post(reverse(f"tasks_app:{deed}", args=[submitted.pk]), {"seen": seen, "note": "改"})
    submitted.refresh_from_db()
    assert submitted.state == ProgressReport.State.SUBMITTED


def test_a_note_is_stored_without_a_nul(client, submitted, reviewer):
    client.force_login(reviewer)
    data = {"seen": submitted.draft_version, "note": "改\0好", "note-done": "写\0全"}
    client.post(reverse("tasks_app:report-return", args=[submitted.pk]), data)
    review = submitted.reviews.get()
    assert (review.note, review.field_notes) == ("改好", {"done": "写全"})


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity"])
def test_no_number_is_no_value_of_a_setting(officer, league, value):
    data = {"tasks_app-jump_percent-value": value, "tasks_app-jump_percent-reason": "文"}
    address = reverse("common:option-change", args=["tasks_app.jump_percent"])
    assert as_(officer(league, Role.BUREAU)).post(address, data).status_code == 422
    assert not Option.objects.filter(code="tasks_app.jump_percent").exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_beyond_all_calendars_are_refused_at_the_field(
    officer, league, secadmin, east, west, day
):
    bureau = as_(officer(league, Role.BUREAU))
    days = {"is_workday": "0", "first": day, "note": "假"}
    assert bureau.post(reverse("registry:calendar-set"), days).status_code == 422
    assert not CalendarDay.objects.filter(on=day).exists()
    merge = {"to": west.pk, "on": day}
    assert bureau.post(reverse("registry:unit-merge", args=[east.pk]), merge).status_code == 422
    held = Posting.objects.get(user=secadmin)
    reply = as_(secadmin).post(reverse("registry:posting-end", args=[held.pk]), {"on": day})
    assert reply.status_code == 422
    page = bureau.get(reverse("registry:unit-list"), {"on": day})
    assert page.status_code == 200 and not page.context["table"].rows


def test_a_past_years_page_with_anothers_token_makes_its_own_batch(reviewer, filler, plan):
    token = uuid4()
    HistoryBatch.objects.create(
        title="往年", source="台账", submitted_by=filler, submitted_at=NOW, token=token
    )
    unit, code = Unit.objects.get(key="banner-zuoqi").name, "T07-04"
    checked = history.check(
        f"指标\t单位\t期别\t分子\n{code}\t{unit}\t2022Q1\t3", by=reviewer, on=TODAY
    )
    batch = history.submit_batch(
        checked, by=reviewer, at=NOW, title="我的", source="册", token=token
    )
    assert batch.submitted_by == reviewer and batch.token != token


# Second clicks and stale pages -------------------------------------------------------------------
def test_the_second_click_on_reporting_does_not_undo_the_first(officer, league, units):
    client, zone = as_(officer(league, Role.BUREAU)), units["zone-gaoxin"]
    ticked = zone.reports_education
    address = reverse("registry:unit-reporting", args=[zone.pk])
    to = client.get(address).context["to"]
    for _click in range(2):
        client.post(address, {"to": to})
    zone.refresh_from_db()
    assert zone.reports_education is not ticked
    assert "没有改动" in told(client)


def test_what_was_recalled_is_not_called_reviewed(client, submitted, filler):
    client.force_login(filler)
    address = reverse("tasks_app:report-recall", args=[submitted.pk])
    client.post(address)
    told(client)
    client.post(address)
    said = told(client)
    assert "已经撤回或退回过了" in said and "已经审核" not in said


def test_what_was_waived_meanwhile_is_not_handed_in(client, fill, duty, filler, reviewer):
    report = fill(duty)
    registry_duties.waive_duty(duty, by=reviewer, reason="没有下达")
    client.force_login(filler)
    data = {"base": report.draft_version, "done": "又写了一句。"}
    client.post(reverse("tasks_app:report-submit", args=[duty.pk]), data)
    report.refresh_from_db()
    assert report.state == ProgressReport.State.DRAFT
    assert report.draft["done"] == "又写了一句。"
    assert "已经免报" in told(client)


def test_a_correction_of_what_was_just_replaced_is_told(
    client, submitted, filler, reviewer, monkeypatch
):
    reports.approve_report(submitted, by=reviewer, at=NOW, seen=submitted.draft_version)

    def replaced(*args, **kwargs):
        raise reports.NotEditable

    monkeypatch.setattr(reports, "start_correction", replaced)
    client.force_login(filler)
    address = reverse("tasks_app:report-correct", args=[submitted.pk])
    assert client.post(address, {"reason": "TYPO", "note": "x"}).status_code in (302, 422)


def test_unlocking_what_is_not_locked_says_so(secadmin, officer, east):
    user, client = officer(east), as_(secadmin)
    client.post(reverse("registry:account-unlock", args=[user.pk]))
    assert "没有锁定" in told(client)
    assert not Event.objects.filter(verb="common.account_unlocked").exists()


def test_after_a_lost_session_one_comes_back_to_the_page_not_to_the_deed(client, submitted):
    page = reverse("tasks_app:report-detail", args=[submitted.pk])
    deed = reverse("tasks_app:report-approve", args=[submitted.pk])
    reply = client.post(deed, headers={"referer": f"http://testserver{page}"})
    assert reply["Location"] == f"{reverse('accounts:login')}?next={page}"
    reply = client.post(deed, headers={"referer": "http://evil.example/x"})
    assert reply["Location"] == f"{reverse('accounts:login')}?next=/"


# Postings ----------------------------------------------------------------------------------------
def test_a_refused_end_is_not_agreed_from_a_stale_page(sysadmin, secadmin, officer, east):
    held = Posting.objects.get(user=officer(east))
    client = as_(secadmin)
    client.post(reverse("registry:posting-agree-end", args=[held.pk]))
    held.refresh_from_db()
    assert held.valid_to is None
    assert "已由他人办过" in told(client)


@pytest.mark.parametrize("name", ["posting-end", "posting-propose-end"])
def test_a_posting_that_was_held_is_not_erased_by_an_early_day(
    sysadmin, secadmin, officer, east, name
):
    held = Posting.objects.get(user=officer(east))
    client = as_(secadmin if name == "posting-end" else sysadmin)
    reply = client.post(reverse(f"registry:{name}", args=[held.pk]), {"on": "2019-12-31"})
    assert reply.status_code == 422
    held.refresh_from_db()
    assert held.valid_to is None and held.end_proposed_on is None


def test_an_administrator_never_gets_a_business_role_at_confirmation(
    sysadmin, secadmin, league, east
):
    user = accounts.create_account("both", by=sysadmin, name="两样")[0]
    made = [
        Posting.objects.create(
            user=user, unit=unit, role=role, valid_from=TODAY, proposed_by=sysadmin
        )
        for unit, role in ((league, Role.AUDITOR), (east, Role.OFFICIAL))
    ]
    with pytest.raises(postings.RolesClash):
        postings.confirm_posting(made[0], by=secadmin)
    made[0].delete()
    postings.confirm_posting(made[1], by=secadmin)


def test_a_proposal_that_is_gone_is_told(sysadmin, secadmin, officer, east):
    user = accounts.create_account("fresh", by=sysadmin, name="新来的")[0]
    asked = {"by": sysadmin, "unit": east, "role": Role.OFFICIAL, "valid_from": LATER}
    posting = postings.propose_posting(user, **asked)
    stale = Posting.objects.get(pk=posting.pk)
    postings.refuse_posting(posting, by=secadmin)
    for deed in (postings.confirm_posting, postings.refuse_posting, postings.refuse_end):
        with pytest.raises(postings.AlreadyEnded):
            deed(stale, by=secadmin)


def test_a_confirmed_proposal_is_not_withdrawn(monkeypatch, officer, east, secadmin):
    one, other = officer(east), officer(east)
    posting = postings.propose_posting(
        other,
        by=one,
        unit=east,
        role=Role.OFFICIAL,
        valid_from=date(2019, 1, 1),
        valid_to=date(2019, 2, 1),
    )

    def confirmed_meanwhile(posting, *, by):
        raise postings.AlreadyEnded(posting)

    monkeypatch.setattr(postings, "withdraw_posting", confirmed_meanwhile)
    client = as_(one)
    client.post(reverse("registry:posting-withdraw", args=[posting.pk]))
    assert "已由他人办过" in told(client)


# Answers ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address", ["/", "/nowhere/", "/accounts/login/", "/units/?q=%00", "/people/"]
)
def test_every_answer_carries_the_safe_headers(officer, east, address):
    for client in (Client(), as_(officer(east))):
        reply = client.get(address)
        assert "default-src 'none'" in reply["Content-Security-Policy"]
        assert reply["X-Content-Type-Options"] == "nosniff"
        assert reply["Referrer-Policy"] == "same-origin"
    assert "no-store" in reply["Cache-Control"] or reply.status_code == 400


def test_the_log_holds_no_password_and_no_name_that_was_typed_at_the_door(client, officer, east):
    officer(east, username="somebody")
    for name in ("somebody", "Wrong-word-8"):
        client.post(reverse("accounts:login"), {"username": name, "password": "Typed-secret-9"})
    kept = str(list(Event.objects.values()))
    assert "Typed-secret-9" not in kept and "Wrong-word-8" not in kept
    assert User.objects.filter(username="somebody").exists()
