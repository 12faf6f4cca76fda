"""The page of one case: what is on record, what is masked, who may open it."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import files
from common.models import Event
from dropout.models import (
    Closing,
    Notice,
    Placement,
    Responsible,
    ResponsibleRole,
    RulingOut,
    State,
    Step,
    Visit,
    Watch,
)
from registry import identity
from registry.models import Membership, OutsideList
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import give_guardian, id_number, make_child, make_school
from tests.dropout.rows import confirmed, make_case, make_episode

NUMBER, PHONE, OFFICE_PHONE = id_number(1), "13904830001", "13904830002"
PIXEL = b"\xff\xd8\xff\xe0" + b"\0" * 40


@pytest.fixture(autouse=True)
def now(clock_at, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def official(client, officer, east):
    user = officer(east, name="乌日娜")
    client.force_login(user)
    return user


def sign(user) -> dict:
    return {"recorded_by": user, "recorded_at": NOW}


@pytest.fixture
def case(east, school, official):
    """A child on the whole way: closed once, out of school again and persuaded."""
    child = make_child("乌云其其格", school, NUMBER)
    give_guardian(child, "其木格", phone=PHONE)
    over = {"ended_on": TODAY - timedelta(days=100), "end": "LEFT_AGAIN", "state": State.LEFT_AGAIN}
    early = TODAY - timedelta(days=300)
    case = make_case(east, child=child, school=school, found_on=early, **confirmed(early) | over)
    first = case.episodes.get()
    placed = Placement.objects.create(
        episode=first,
        kind="SAME_CLASS",
        began_on=early + timedelta(days=20),
        ended_on=TODAY - timedelta(days=100),
        school=school,
        grade="13",
        class_name="1班",
        **sign(official),
    )
    Watch.objects.create(
        placement=placed,
        days=30,
        due_on=early + timedelta(days=50),
        answered_on=early + timedelta(days=51),
        answer="PRESENT",
        answered_by=official,
    )
    guarded = {"cause": "GUARDED", "guarded_cause": "RELIGION", "cause_detail": "说明里的话"}
    again = make_episode(
        case,
        relapse_of=first,
        next_on=TODAY - timedelta(days=1),
        officer=official,
        **confirmed(**guarded) | {"state": State.PERSUADING},
    )
    on = TODAY - timedelta(days=2)
    Visit.objects.create(
        episode=again, on=on, visitor="布和", way="HOME", result="NOT_MET", **sign(official)
    )
    wrong = {"withdrawn_by": official, "withdrawn_at": NOW, "withdrawn_reason": "记错了人"}
    Visit.objects.create(
        episode=again,
        on=on,
        visitor="旁人",
        way="PHONE",
        result="REFUSED",
        **sign(official) | wrong,
    )
    step = Step.objects.create(episode=again, kind="ORDER", taken_on=on, **sign(official))
    Notice.objects.create(
        episode=again,
        step=step,
        kind="CORRECT_BY",
        number="某文〔2025〕1 号",
        issued_on=on,
        issuer="左旗",
        addressee="监护人",
        **sign(official),
    )
    role = ResponsibleRole.objects.in_use().first()
    Responsible.objects.create(
        episode=again,
        role=role,
        name="额尔德尼",
        phone=OFFICE_PHONE,
        named_by=official,
        named_at=NOW,
    )
    return case


def page_of(client, case) -> str:
    answer = client.get(f"/dropout/cases/{case.pk}/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def unmask(client, case):
    return client.post(f"/dropout/cases/{case.pk}/unmask/", {"reason": "CONTACT"})


# What is on record ---------------------------------------------------------------------------------
def test_the_time_line_holds_all_facts_of_all_episodes(client, case):
    page = page_of(client, case)
    for said in (
        "反弹，第 2 次",
        "安置：随班（原班）复学",
        "第 30 天回访：在校",
        "再次辍学，另开一次",
        "入户劝返：没有见到",
        "已撤回：记错了人",
        "办理“责令改正”",
        "制发“责令限期改正通知书”",
        "额尔德尼",
        "逾期 1 天",
    ):
        assert said in page, said
    lines = [line.on for line in client.get(f"/dropout/cases/{case.pk}/").context["sheet"].lines]
    assert lines == sorted(lines, reverse=True)


def test_withdrawn_visits_do_not_count(client, case):
    assert "劝返 1 次" in page_of(client, case)


def test_what_is_missing_stands_there(client, case):
    page = page_of(client, case)
    assert "走到下一步还差什么" in page and "返校的写学校、年级和班" in page


def test_the_title_and_the_address_name_nobody(client, case):
    page = page_of(client, case)
    title = re.search(r"<title>(.*?)</title>", page)[1]
    assert "乌云" not in title and str(case.pk) in title


# What is masked ------------------------------------------------------------------------------------
def test_numbers_and_sensitive_facts_are_masked_until_unmasked_with_a_reason(client, case):
    page = page_of(client, case)
    for guarded in (NUMBER, PHONE, OFFICE_PHONE, "信教", "说明里的话"):
        assert guarded not in page
    assert "原因：另行记载" in page
    assert unmask(client, case).status_code == 302
    whole = page_of(client, case)
    for guarded in (NUMBER, PHONE, OFFICE_PHONE, "信教", "说明里的话"):
        assert guarded in whole
    event = Event.objects.get(verb="registry.student_unmasked")
    assert NUMBER not in str(event.after) and event.after["reason"] == "联系监护人"


def test_unmasking_asks_for_a_reason(client, case):
    assert client.get(f"/dropout/cases/{case.pk}/unmask/").status_code == 200
    assert client.post(f"/dropout/cases/{case.pk}/unmask/", {}).status_code == 422
    assert NUMBER not in page_of(client, case)


def test_a_school_never_reads_the_sensitive_cause(client, case, officer, school):
    client.force_login(officer(school, Role.SCHOOL))
    unmask(client, case)
    page = page_of(client, case)
    assert NUMBER in page and "信教" not in page and "说明里的话" not in page


def test_a_supervisor_reads_masks_and_cannot_unmask(client, case, officer, league):
    client.force_login(officer(league, Role.SUPERVISOR))
    page = page_of(client, case)
    assert "乌**" in page and "乌云其其格" not in page and "unmask/" not in page
    assert unmask(client, case).status_code == 403


def test_a_ruling_out_for_illness_is_told_to_few(client, case, officer, school, official):
    episode = case.latest
    RulingOut.objects.create(
        episode=episode, on=TODAY, reason="ILL", proof="医院证明", by=official, at=NOW
    )
    assert "排除：另行记载" in page_of(client, case) and "医院证明" not in page_of(client, case)
    unmask(client, case)
    assert "因病因残" in page_of(client, case) and "医院证明" in page_of(client, case)


def test_groups_come_from_lists_valid_today_and_sensitive_ones_are_masked(
    client, case, officer, school, east
):
    outside = OutsideList.objects.create(
        department="CIVIL", title="名单", listed_on=TODAY, unit=east
    )
    for category, until in (
        ("ORPHAN", None),
        ("POVERTY_EXIT", None),
        ("LEFT_BEHIND", TODAY - timedelta(days=1)),
    ):
        Membership.objects.create(
            list=outside,
            name="乌云其其格",
            student=case.student,
            id_number=NUMBER,
            id_number_index=identity.number_index(NUMBER),
            category=category,
            valid_to=until,
        )
    page = page_of(client, case)
    groups = client.get(f"/dropout/cases/{case.pk}/").context["sheet"].groups
    assert len(groups["shown"]) == 2 and groups["hidden"] == 0 and "留守" not in page
    client.force_login(officer(school, Role.SCHOOL))
    told = client.get(f"/dropout/cases/{case.pk}/").context["sheet"].groups
    assert told["hidden"] >= 1 and "按您的权限不显示" in page_of(client, case)


# Who may open it -----------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["", "unmask/"])
def test_a_neighbours_case_does_not_exist(client, case, officer, west, path):
    client.force_login(officer(west))
    assert client.get(f"/dropout/cases/{case.pk}/{path}").status_code == 404


def test_opening_is_one_event_and_a_timer_none(client, case):
    page_of(client, case)
    client.get(f"/dropout/cases/{case.pk}/", headers={"X-Timer": "1"})
    assert Event.objects.filter(verb="dropout.case_opened").count() == 1
    assert not Event.objects.filter(verb="registry.student_opened").exists()


def test_the_query_count_does_not_grow_with_the_facts(client, case, official):
    def count():
        with CaptureQueriesContext(connection) as queries:
            page_of(client, case)
        return len(queries)

    page_of(client, case)
    few = count()
    for n in range(30):
        Visit.objects.create(
            episode=case.latest,
            on=TODAY - timedelta(days=n % 3),
            visitor=f"某人{n}",
            way="PHONE",
            result="REFUSED",
            **sign(official),
        )
    assert count() == few <= 50


# Photos and scans ----------------------------------------------------------------------------------
def attach(client, thing, purpose):
    return client.post(
        "/files/",
        {
            "subject": thing._meta.label_lower,
            "pk": thing.pk,
            "purpose": purpose,
            "file": SimpleUploadedFile("照片.jpg", PIXEL),
        },
    )


def test_a_photo_hangs_on_a_visit_and_shows_in_the_time_line(client, case):
    visit = Visit.objects.standing().get()
    assert attach(client, visit, "photo").status_code == 302
    page = client.get(f"/dropout/records/visit/{visit.pk}/")
    assert page.status_code == 200 and "照片.jpg" in page.content.decode()
    assert "照片.jpg" in page_of(client, case)


def test_a_school_attaches_to_visits_and_not_to_documents(client, case, officer, school):
    client.force_login(officer(school, Role.SCHOOL))
    assert attach(client, Visit.objects.standing().get(), "photo").status_code == 302
    assert attach(client, Notice.objects.get(), "scan").status_code == 403


def test_nothing_is_attached_to_what_was_withdrawn(client, case):
    withdrawn = Visit.objects.exclude(withdrawn_at=None).get()
    assert attach(client, withdrawn, "photo").status_code == 403


def test_a_neighbours_photos_do_not_exist(client, case, officer, west):
    visit = Visit.objects.standing().get()
    attach(client, visit, "photo")
    stored = files.StoredFile.objects.get()
    client.force_login(officer(west))
    assert client.get(f"/dropout/records/visit/{visit.pk}/").status_code == 404
    assert client.get(stored.get_absolute_url()).status_code == 404
    assert attach(client, visit, "photo").status_code == 404
    assert client.get("/dropout/records/nothing/1/").status_code == 404


def test_a_closing_that_waits_stands_on_the_page(client, case, official):
    Closing.objects.create(episode=case.latest, proof="依据", asked_by=official, asked_at=NOW)
    assert "等另一人审核" in page_of(client, case)
