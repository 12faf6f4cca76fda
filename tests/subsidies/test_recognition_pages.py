"""Recognition by its pages: who sees what, each deed, a class at one sitting, the notice on the wall."""

import csv
import io
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Event, InboxLine
from registry.models import Enrolment, Guardian, Student
from registry.roles import Role
from subsidies.jobs import tell_of_notices
from subsidies.models import Award, NoticeRun, Recognition
from subsidies.services import recognitions as deeds
from subsidies.services.standards import load_standards
from tests.cast import NOW, TODAY
from tests.children import give_number
from tests.intake.rosters import id_number, make_school
from tests.subsidies.need import recognised

TERM = "2025/26-1"
LIST, NOTICES, CLASSES = "/subsidies/recognitions/", "/subsidies/notices/", "/subsidies/classes/"
State = Recognition.State
HOME, PHONE = "巴彦浩特镇和平小区9号楼", "13848300001"


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def teacher(school, officer):
    return officer(school, Role.SCHOOL)


@pytest.fixture
def official(east, officer):
    return officer(east)


def pupil(school, n=1, name="乌云", grade="13", class_name="2班") -> Student:
    child = Student.objects.create(name=name, born_on=date(2015, 3, 17), home_address=HOME)
    give_number(child, id_number(n))
    Guardian.objects.create(student=child, position=1, name="家长", phone=PHONE)
    Enrolment.objects.create(
        student=child,
        school=school,
        grade=grade,
        class_name=class_name,
        boards=False,
        valid_from=date(2022, 9, 1),
    )
    return child


def applied(child, school, by, **over) -> Recognition:
    asked = {"school": school, "term": TERM, "on": date(2025, 9, 10), "has_promise": True}
    return deeds.apply(child, by=by, at=NOW, **asked | over)


def agreed(child, school, by, level="B", **over) -> Recognition:
    one = applied(child, school, by)
    return deeds.agree(one, level=level, on=date(2025, 9, 20), by=by, at=NOW, **over)


def noticed(school, by, *rows) -> NoticeRun:
    return deeds.put_up_notice(
        school, term=TERM, recognitions=[one.pk for one in rows], by=by, at=NOW
    )


def on_day(client, user, clock_at, day: date):
    """The person signs in anew on another day: a session does not outlive a night."""
    clock_at(day)
    client.logout()
    client.force_login(user)


def text(client, address, status=200) -> str:
    reply = client.get(address)
    assert reply.status_code == status, address
    return reply.content.decode()


def listed(client, query=""):
    file = client.get(f"{LIST}?export=csv&{query}")
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[2:]


# The list ------------------------------------------------------------------------------------------
def test_a_school_reads_its_own_a_banner_its_own_a_neighbour_nothing(
    client, school, teacher, official, officer, west, east
):
    one = agreed(pupil(school), school, teacher)
    elsewhere = make_school("阿左旗第二小学", east)
    sees = {teacher: True, official: True}
    sees |= {officer(elsewhere, Role.SCHOOL): False, officer(west): False}
    for user, is_there in sees.items():
        client.force_login(user)
        assert bool(listed(client)) is is_there
        assert ("乌云" in text(client, LIST)) is is_there
        assert client.get(one.get_absolute_url()).status_code == (200 if is_there else 404)


def test_who_reads_no_names_reads_none_and_no_sensitive_group(
    client, school, teacher, officer, league
):
    one = agreed(pupil(school), school, teacher, group="ORPHAN")
    client.force_login(officer(league, Role.SUPERVISOR))
    for page in (text(client, LIST), text(client, one.get_absolute_url())):
        assert "乌云" not in page and "乌**" in page and "孤儿" not in page
    assert listed(client)[0][0] == "乌**" and listed(client, "group=ORPHAN") == []


def test_numbers_are_masked_on_the_page_and_in_the_file(client, school, teacher, official):
    one = agreed(pupil(school), school, teacher)
    client.force_login(official)
    file = client.get(f"{LIST}?export=csv").content.decode()
    for told in (text(client, LIST), file, text(client, one.get_absolute_url())):
        assert id_number(1) not in told and re.search(r"\d{4}\*{8,}", told)
    assert Event.objects.filter(verb="common.list_exported").count() == 1
    assert Event.objects.get(verb="subsidies.recognitions_listed").after["rows"] == 1
    assert Event.objects.filter(verb="subsidies.recognition_opened").count() == 1


NARROWED = {
    "": {"甲", "乙", "丙"},
    "state=APPLIED": {"丙"},
    "state=OPEN": {"甲", "乙", "丙"},
    "state=OVER": set(),
    "level=A": {"甲"},
    "grade=13": {"甲", "丙"},
    "class_name=1班": {"乙"},
    "group=SUBSISTENCE": {"甲"},
    "term=2024/25-2": {"丁"},
    "term=ALL": {"甲", "乙", "丙", "丁"},
    "term=2025": set(),
    "level=D": set(),
    "unit=999999": set(),
}


def test_the_list_is_narrowed(client, school, teacher):
    agreed(pupil(school, 1, "甲"), school, teacher, "A", group="SUBSISTENCE")
    agreed(pupil(school, 2, "乙", "14", "1班"), school, teacher, "B")
    applied(pupil(school, 3, "丙"), school, teacher)
    applied(pupil(school, 4, "丁"), school, teacher, term="2024/25-2")
    client.force_login(teacher)
    found = {query: {row[0] for row in listed(client, query)} for query in NARROWED}
    assert found == NARROWED


def test_a_child_is_found_by_name_and_by_number_without_either_in_the_address(
    client, school, teacher
):
    agreed(pupil(school, 1, "乌云"), school, teacher)
    agreed(pupil(school, 2, "娜仁"), school, teacher)
    client.force_login(teacher)
    for asked in ("乌云", id_number(1)):
        reply = client.post(f"{LIST}search/", {"text": asked})
        assert asked not in reply["Location"]
        page = text(client, reply["Location"])
        assert "乌云" in page and "娜仁" not in page
    assert client.post(f"{LIST}search/", {"text": ""})["Location"] == LIST
    assert client.get(f"{LIST}?found=nobodys").status_code == 404


def test_the_list_asks_as_often_for_many_rows_as_for_few(client, school, teacher):
    def fill(numbers):
        for n in numbers:
            recognised(pupil(school, n, f"学生{n}"), TERM, "B")

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    client.force_login(teacher)
    fill(range(1, 11))
    client.get(LIST)
    few = asked()
    fill(range(11, 50))
    assert asked() == few <= 20


# One child -----------------------------------------------------------------------------------------
def test_from_the_childs_page_to_an_application_and_only_one(client, school, teacher):
    child = pupil(school)
    client.force_login(teacher)
    where = f"/subsidies/children/{child.pk}/recognise/"
    facts = {"school": school.pk, "term": TERM, "applied_on": "2025-09-10", "group": ""}
    assert "阿左旗第一小学" in text(client, where)
    assert client.post(where, facts | {"applied_on": "2026-09-10"}).status_code == 422
    assert client.post(where, facts | {"term": "2026/27-1"}).status_code == 422
    assert client.post(where, facts).status_code == 302
    one = Recognition.objects.get()
    assert (one.state, one.unit, one.term) == (State.APPLIED, school, TERM)
    again = client.post(where, facts)
    assert again.status_code == 422 and "已有认定" in again.content.decode()
    assert client.get(where)["Location"] == one.get_absolute_url(), "the one that stands"
    assert Recognition.objects.count() == 1


def test_another_schools_child_is_sent_to_its_school(client, school, officer, east, teacher):
    other = make_school("阿左旗第二小学", east)
    child = pupil(other)
    client.force_login(teacher)
    assert client.get(f"/subsidies/children/{child.pk}/recognise/").status_code == 404
    Enrolment.objects.all().delete()
    Student.objects.update(residence=school)
    reply = client.get(f"/subsidies/children/{child.pk}/recognise/", follow=True)
    assert "由就读的学校登记" in reply.content.decode()


def test_the_group_decides_and_the_way_shows_it(client, school, teacher):
    one = applied(pupil(school), school, teacher, has_promise=False)
    client.force_login(teacher)
    page = text(client, one.get_absolute_url())
    assert "下一步：学校认定小组定等级" in page and "还没有监护人的书面承诺" in page
    where = f"{LIST}{one.pk}/agree/"
    facts = {"level": "A", "group": "", "recognised_on": "2025-09-20", "seen": one.version}
    refused = client.post(where, facts)
    assert refused.status_code == 422 and "还没有监护人的书面承诺" in refused.content.decode()
    for wrong in ({"level": "D"}, {"recognised_on": "2025-09-01"}, {"recognised_on": "昨天"}):
        assert client.post(where, facts | {"has_promise": "on"} | wrong).status_code == 422
    assert client.post(where, facts | {"has_promise": "on"}).status_code == 302
    late = client.post(where, facts | {"has_promise": "on", "level": "C"})
    assert late.status_code == 422 and "别人刚改过" in late.content.decode()
    one.refresh_from_db()
    assert (one.state, one.level) == (State.AGREED, "A")
    page = text(client, one.get_absolute_url())
    assert "下一步：公示" in page and teacher.name in page


def test_refused_and_withdrawn_need_a_reason(client, school, teacher):
    one = agreed(pupil(school), school, teacher)
    client.force_login(teacher)
    assert client.post(f"{LIST}{one.pk}/refuse/", {"reason": " "}).status_code == 422
    assert client.post(f"{LIST}{one.pk}/refuse/", {"reason": "入户查明"}).status_code == 302
    again = client.post(f"{LIST}{one.pk}/withdraw/", {"reason": "再点"})
    assert again.status_code == 422 and "已经了结" in again.content.decode()
    assert "入户查明" in text(client, one.get_absolute_url())


def test_a_banner_adjusts_and_ends_what_is_filed_and_a_school_does_not(
    client, school, teacher, official, clock_at
):
    load_standards()
    one = agreed(pupil(school), school, teacher)
    notice = noticed(school, teacher, one)
    at = clock_at(date(2025, 11, 3))
    deeds.file_notice(notice, by=official, at=at)
    client.force_login(teacher)
    for deed in ("adjust", "end"):
        assert client.get(f"{LIST}{one.pk}/{deed}/").status_code == 403
    assert "调整等级" not in text(client, one.get_absolute_url())
    client.force_login(official)
    facts = {"level": "A", "group": "", "on": "2025-11-03", "reason": "纳入低保"}
    new = client.post(f"{LIST}{one.pk}/adjust/", facts)["Location"]
    assert "纳入低保" in text(client, new) and "调整以前的认定" in text(client, new)
    assert "调整以后的认定" in text(client, one.get_absolute_url())
    ended = client.post(f"{new}end/", {"on": "2025-11-03", "reason": "家庭好转"})
    assert ended.status_code == 302 and not Award.objects.exists()
    assert "已了结，不再计应发" in text(client, new)


# A class -------------------------------------------------------------------------------------------
def test_a_class_is_recognised_at_one_sitting(client, school, teacher):
    first, second, third = (pupil(school, n, f"学生{n}") for n in (1, 2, 3))
    asked = applied(second, school, teacher, has_promise=False)
    client.force_login(teacher)
    assert "三年级 2班" in text(client, CLASSES), "one school: not asked which"
    where = f"{CLASSES}{school.pk}/13/?class_name=2班"
    page = text(client, where)
    assert "3 名学生，本学期已认定 0 名" in page
    facts = {
        "on": "2025-10-10",
        f"c{first.pk}-level": "A",
        f"c{first.pk}-has_promise": "on",
        f"c{second.pk}-level": "B",
        f"c{second.pk}-seen": asked.version,
    }
    refused = client.post(where, facts)
    assert refused.status_code == 422 and "还没有监护人的书面承诺" in refused.content.decode()
    assert Recognition.objects.count() == 1, "all or nothing"
    facts[f"c{second.pk}-has_promise"] = "on"
    assert client.post(where, facts).status_code == 302
    levels = dict(Recognition.objects.values_list("student", "level"))
    assert levels == {first.pk: "A", second.pk: "B"} and third.pk not in levels
    again = client.post(where, facts)
    assert again.status_code == 422 and "还没有给任何学生选等级" in again.content.decode()
    assert "3 名学生，本学期已认定 2 名" in text(client, where)


def test_who_was_overtaken_in_a_class_writes_nothing(client, school, teacher):
    child, other = pupil(school, 1, "甲"), pupil(school, 2, "乙")
    client.force_login(teacher)
    where = f"{CLASSES}{school.pk}/13/?class_name=2班"
    applied(child, school, teacher)  # a colleague, after the page was opened
    facts = {"on": "2025-10-10"}
    for one in (child, other):
        facts |= {f"c{one.pk}-level": "A", f"c{one.pk}-has_promise": "on"}
    late = client.post(where, facts)
    assert late.status_code == 422 and "什么都没有写入" in late.content.decode()
    assert Recognition.objects.get().state == State.APPLIED


def test_bad_input_of_a_class_stands_at_its_field(client, school, teacher):
    child = pupil(school)
    client.force_login(teacher)
    where = f"{CLASSES}{school.pk}/13/?class_name=2班"
    for wrong in ({"on": "x"}, {"on": "2027-01-01"}, {f"c{child.pk}-level": "Z"}):
        facts = {"on": "2025-10-10", f"c{child.pk}-level": "A", f"c{child.pk}-has_promise": "on"}
        assert client.post(where, facts | wrong).status_code == 422
    assert client.post(where, {"on": "2025-10-10"}).status_code == 422
    assert not Recognition.objects.exists()
    assert client.get(f"{CLASSES}{school.pk}/99/").status_code == 200, "an empty class says so"


# The notice ----------------------------------------------------------------------------------------
def test_a_notice_tells_name_class_and_level_and_nothing_else(client, school, teacher, officer):
    """No identity number, address, phone or birth date, in whatever form; for every reader."""
    child = pupil(school)
    notice = noticed(school, teacher, agreed(child, school, teacher, group="ORPHAN"))
    number = id_number(1)
    secrets = [number, number[-4:], number[6:14], HOME, HOME[:6], PHONE, PHONE[-4:], "家长"]
    secrets += ["2015年3月17日", "2015-03-17", "2015", "孤儿", "1529*", f"/students/{child.pk}/"]
    for user in (teacher, officer(school.parents.first().parent)):
        client.force_login(user)
        page = text(client, notice.get_absolute_url())
        main = page[page.index("<main") : page.index("</main>")]
        assert "乌云" in main and "三年级 2班" in main and "B 级" in main
        for secret in secrets:
            assert secret not in main, secret


def test_a_notice_is_put_up_for_those_ticked(client, school, teacher):
    one, other = (agreed(pupil(school, n, f"学生{n}"), school, teacher) for n in (1, 2))
    client.force_login(teacher)
    page = text(client, f"{NOTICES}new/")
    assert "2 名学生等公示" in page and "今天公示，到 10月20日" in page
    assert client.post(f"{NOTICES}new/", {}).status_code == 422
    assert client.post(f"{NOTICES}new/", {"recognitions": [999]}).status_code == 422
    made = client.post(f"{NOTICES}new/", {"recognitions": [one.pk]})
    notice = NoticeRun.objects.get()
    assert made["Location"] == notice.get_absolute_url()
    twice = client.post(f"{NOTICES}new/", {"recognitions": [one.pk]})
    assert twice.status_code == 422 and NoticeRun.objects.count() == 1, "a second click"
    other.refresh_from_db()
    assert other.state == State.AGREED


def test_past_its_last_day_it_is_down_by_itself_and_names_are_for_those_who_may(
    client, school, teacher, officer, league, clock_at
):
    notice = noticed(school, teacher, agreed(pupil(school), school, teacher))
    supervisor = officer(league, Role.SUPERVISOR)
    on_day(client, supervisor, clock_at, date(2025, 10, 20))
    assert "乌云" in text(client, notice.get_absolute_url()), "on the wall anybody reads it"
    on_day(client, supervisor, clock_at, date(2025, 10, 21))
    page = text(client, notice.get_absolute_url())
    assert "乌云" not in page and "期满，已自动撤下" in page and "data-print" not in page
    assert "B 级 1" in page, "the archive keeps how many"
    client.force_login(teacher)
    assert "乌云" in text(client, notice.get_absolute_url())


def test_the_banner_is_told_the_night_after_and_once(
    client, school, teacher, official, officer, west, clock_at
):
    notice = noticed(school, teacher, agreed(pupil(school), school, teacher))
    stranger = officer(west)
    clock_at(date(2025, 10, 20))
    assert tell_of_notices(None) == {"told": 0}
    clock_at(date(2025, 10, 21))
    assert tell_of_notices(None) == {"told": 1} and tell_of_notices(None) == {"told": 0}
    line = InboxLine.objects.get()
    assert (line.user, line.subject_pk) == (official, str(notice.pk)) and line.user != stranger
    assert "乌云" not in line.text
    client.force_login(official)
    assert client.get(f"/inbox/{line.pk}/")["Location"] == notice.get_absolute_url()


def test_who_was_taken_off_while_it_hung_is_on_it_no_more(client, school, teacher, clock_at):
    one = agreed(pupil(school), school, teacher)
    notice = noticed(school, teacher, one)
    deeds.refuse(one, reason="查明有车", by=teacher, at=NOW)
    client.force_login(teacher)
    assert "乌云" not in text(client, notice.get_absolute_url())
    on_day(client, teacher, clock_at, date(2025, 10, 21))
    assert "乌云" not in text(client, notice.get_absolute_url())


def test_taken_down_early_with_a_reason(client, school, teacher):
    one = agreed(pupil(school), school, teacher)
    notice = noticed(school, teacher, one)
    client.force_login(teacher)
    where = f"{NOTICES}{notice.pk}/take-down/"
    assert client.post(where, {"reason": ""}).status_code == 422
    assert client.post(where, {"reason": "班级写错", "seen": notice.version}).status_code == 302
    late = client.post(where, {"reason": "再来", "seen": notice.version})
    assert late.status_code == 422 and "别人刚改过" in late.content.decode()
    page = text(client, notice.get_absolute_url())
    assert "班级写错" in page and "乌云" not in page


def test_filed_by_another_than_who_put_it_up(client, school, official, officer, east, clock_at):
    load_standards()
    child = pupil(school)
    notice = noticed(school, official, agreed(child, school, official))
    where = f"{NOTICES}{notice.pk}/file/"
    client.force_login(official)
    assert "公示还没有期满" in client.post(where, {}).content.decode()
    on_day(client, official, clock_at, date(2025, 10, 21))
    assert "要另一人备案" in text(client, notice.get_absolute_url())
    assert "要另一人备案" in client.post(where, {}).content.decode()
    assert not Award.objects.exists()
    client.force_login(officer(east))
    assert "备案 1 名学生？" in text(client, where)
    done = client.post(where, {"seen": notice.version}, follow=True).content.decode()
    assert "已备案 1 名学生" in done and str(Award.objects.get().amount) == "312.50"
    again = client.post(where, {"seen": notice.version})
    assert again.status_code == 422 and Award.objects.count() == 1


def test_notices_are_listed_without_a_name(client, school, teacher, officer, west):
    noticed(school, teacher, agreed(pupil(school), school, teacher))
    client.force_login(teacher)
    for query in ("", "state=UP", f"term={TERM}"):
        page = text(client, f"{NOTICES}?{query}")
        assert "阿左旗第一小学</a>" in page and "公示中" in page and "乌云" not in page
    for query in ("state=RUN", "state=DOWN", "state=OVER", "state=X"):
        assert "阿左旗第一小学</a>" not in text(client, f"{NOTICES}?{query}")
    client.force_login(officer(west))
    assert "阿左旗第一小学" not in text(client, NOTICES)


# The first page ------------------------------------------------------------------------------------
def test_the_first_page_says_what_waits_for_whom(client, school, teacher, official, clock_at):
    load_standards()
    one = agreed(pupil(school), school, teacher)
    applied(pupil(school, 2, "娜仁"), school, teacher)
    client.force_login(teacher)
    page = text(client, "/subsidies/")
    assert "<h1>1 名学生学校已认定，等公示</h1>" in page and "1 份申请等学校认定" in page
    noticed(school, teacher, one)
    clock_at(date(2025, 10, 21))
    client.force_login(official)
    assert "<h1>1 份公示期满，等备案</h1>" in text(client, "/subsidies/")
    client.force_login(teacher)
    assert "等备案" not in text(client, "/subsidies/"), "not a school's to do"
