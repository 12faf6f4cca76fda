"""The three ledgers as pages and files: who is in them, who reads them, what they never show."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Event
from dropout.models import PlacementKind, State
from dropout.report_kinds.national_ledger import DropoutLedger
from dropout.report_kinds.school_age import SchoolAgeChildren
from registry.models import Membership, OutsideList, Running, in_force
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import give_guardian, id_number, make_child, make_school
from tests.dropout.lists import age_list, entry, line
from tests.dropout.rows import confirmed, make_case, make_episode

HOME, AGE = "/dropout/ledgers/", "/dropout/ledgers/school-age/"
SUSPECTED, DROPOUTS = "/dropout/ledgers/suspected/", "/dropout/ledgers/dropouts/"
EARLIER = TODAY - timedelta(days=60)


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


@pytest.fixture
def run_township(units):
    """A township of 阿拉善左旗 that a zone runs."""
    return Running.objects.filter(in_force(TODAY), zone=units["zone-gaoxin"]).first().township


def table(client, address, query="") -> list[list[str]]:
    file = client.get(f"{address}?export=csv&{query}")
    assert file.status_code == 200
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[1:]


def rows(client, address, query="") -> list[dict]:
    head, *lines = table(client, address, query)
    return [dict(zip(head, cells, strict=True)) for cells in lines]


def names(client, address, query="") -> list[str]:
    return [row["姓名"] for row in rows(client, address, query)]


def page(client, address, query="") -> str:
    answer = client.get(f"{address}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


# What stands in them -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address, kind",
    [(AGE, SchoolAgeChildren), (SUSPECTED, DropoutLedger), (DROPOUTS, DropoutLedger)],
)
def test_a_file_has_the_columns_of_the_sheet(client, official, east, address, kind):
    entry(age_list(east), id_number(1))
    make_case(east)
    make_case(east, child=make_child("旁人"), **confirmed())
    found = table(client, address)
    assert found[0] == [str(column.header) for column in kind.columns.values()]
    assert len(found) == 2


def test_a_child_of_school_age_stands_as_the_newest_list_and_the_roll_know_it(
    client, official, east, school
):
    old, new = age_list(east, listed_on=EARLIER), age_list(east)
    entry(old, id_number(1), "去年的")
    child = make_child("那仁", school, id_number(2))
    entry(new, id_number(2), "那仁", student=child, schooling="NOT_ENROLLED", school_name="旧名")
    entry(new, id_number(3), "其其格", schooling="NOT_ENROLLED")
    found = {row["姓名"]: row for row in rows(client, AGE)}
    assert set(found) == {"那仁", "其其格"}
    assert (found["那仁"]["就学情况"], found["那仁"]["就读学校"]) == ("在校就读", "左旗一小")
    assert found["其其格"]["就学情况"] == "未入学"
    assert names(client, AGE, f"list={old.pk}") == ["去年的"]
    shown = page(client, AGE)
    assert "名单写的：未入学" in shown and "左旗一小" in shown and "旧名" not in shown


@pytest.mark.parametrize(
    "facts, placed, said",
    [
        (confirmed(), None, "辍学"),
        (confirmed(kind="NEVER_ENROLLED"), None, "未入学"),
        (confirmed(state=State.PLACED), PlacementKind.HOME, "送教上门"),
        (confirmed(state=State.PLACED), PlacementKind.DELAY, "延缓入学"),
        ({}, None, "在校就读"),
    ],
)
def test_a_case_keeps_the_register_up_to_date(client, official, east, school, facts, placed, said):
    child = make_child("那仁", school, id_number(2))
    entry(age_list(east), id_number(2), student=child, schooling="ENROLLED")
    case = make_case(east, child=child, **facts)
    if placed:
        case.latest.placements.create(
            kind=placed,
            began_on=TODAY,
            recorded_by=official,
            recorded_at=NOW,
            **(
                {"authority": "苏木", "document_number": "1", "ends_on": TODAY + timedelta(days=99)}
                if placed == PlacementKind.DELAY
                else {}
            ),
        )
    assert [row["就学情况"] for row in rows(client, AGE)] == [said]
    assert case.get_absolute_url() in page(client, AGE)


def test_suspected_and_confirmed_stand_apart_and_the_ended_come_when_asked_for(
    client, official, east
):
    make_case(east, child=make_child("疑"))
    make_case(east, child=make_child("确"), **confirmed())
    over = {"ended_on": TODAY, "state": State.CLOSED, "end": "CLOSED"}
    make_case(east, child=make_child("销"), **confirmed() | over)
    out = {"ended_on": TODAY, "state": State.RULED_OUT, "end": "RULED_OUT"}
    make_case(east, child=make_child("排"), **out)
    assert names(client, SUSPECTED) == ["疑"] and names(client, DROPOUTS) == ["确"]
    assert names(client, SUSPECTED, "settled=ENDED") == ["排"]
    assert names(client, DROPOUTS, "settled=ALL&sort=name") == ["确", "销"]
    closed = rows(client, DROPOUTS, "settled=ENDED")[0]
    assert (closed["是否销号"], closed["销号时间"]) == ("是", TODAY.isoformat())
    counts = {one.slug: n for one, n in client.get(HOME).context["ledgers"]}
    assert counts == {"school-age": 0, "suspected": 1, "dropouts": 1}


def test_a_row_tells_what_was_done_for_the_child(client, official, east, school):
    child = make_child("那仁", school, id_number(1), residence=east)
    give_guardian(child, "乌云", phone="13900000001")
    case = make_case(east, child=child, school=school, **confirmed(left_on=EARLIER))
    recorded = {"recorded_by": official, "recorded_at": NOW}
    for day in (TODAY - timedelta(days=3), TODAY):
        case.latest.visits.create(on=day, visitor="巴图", way="HOME", result="REFUSED", **recorded)
    case.latest.steps.create(kind="TEACHING", taken_on=TODAY, **recorded)
    line(school, child, id_number(1), absent_since=EARLIER, by=official)
    child.memberships.create(
        list=OutsideList.objects.create(
            department="RURAL", title="脱贫户", listed_on=TODAY, unit=east
        ),
        name="那仁",
        id_number=id_number(1),
        id_number_index=child.identifiers.get().value_index,
        category="POVERTY_EXIT",
    )
    row = rows(client, DROPOUTS)[0]
    assert (row["学校"], row["年级"], row["班级"]) == ("左旗一小", "三年级", "1班")
    assert (row["类型"], row["辍学时间"], row["辍学原因"]) == (
        "辍学",
        EARLIER.isoformat(),
        "学习困难或厌学",
    )
    assert (row["劝返次数"], row["最近劝返日期"]) == ("2", TODAY.isoformat())
    assert (row["劝返措施/文书"], row["是否脱贫户/监测户"]) == ("宣传教育", "是")
    assert (row["监护人"], row["监护人电话"]) == ("乌云", "139****0001")


# What they never show ------------------------------------------------------------------------------
def test_numbers_are_masked_on_the_pages_and_in_the_files(client, official, east):
    child = make_child("那仁", number=id_number(1), home_address="阿拉善左旗巴彦浩特镇和平路1号")
    give_guardian(child, phone="13900000001", number=id_number(9))
    entry(age_list(east), id_number(1), student=child, guardian_phone="13900000001")
    make_case(east, child=child)
    make_case(east, child=make_child("确", number=id_number(2)), **confirmed())
    for form in ("", "export=csv"):
        for address in (AGE, SUSPECTED, DROPOUTS):
            text = client.get(f"{address}?{form}").content.decode()
            assert "1529**********" in text
            for secret in (id_number(1), id_number(2), id_number(9), "13900000001", "和平路"):
                assert secret not in text
    assert Event.objects.filter(verb="common.list_exported").count() == 3
    listed = Event.objects.filter(verb="dropout.ledger_listed")
    assert [one.after["rows"] for one in listed] == [1, 1, 1]
    assert "那仁" not in str([one.after for one in listed])


def test_belief_and_health_are_not_told_even_to_who_may_read_them(client, official, east):
    make_case(east, **confirmed(cause="GUARDED", guarded_cause="RELIGION"))
    assert rows(client, DROPOUTS)[0]["辍学原因"] == "另行记载"
    assert "信教" not in page(client, DROPOUTS)


def test_who_sees_children_masked_reads_names_and_years_only(client, officer, league, east):
    child = make_child("那仁", number=id_number(1), born_on=TODAY.replace(year=2015))
    give_guardian(child, "乌云")
    entry(age_list(east), id_number(1), "那仁", student=child, guardian="乌云")
    make_case(east, child=child, **confirmed())
    client.force_login(officer(league, Role.SUPERVISOR))
    for address in (AGE, DROPOUTS):
        row = rows(client, address)[0]
        assert (row["姓名"], row["监护人"], row["出生日期"]) == ("那**", "乌**", "2015年")


def test_sensitive_groups_are_told_to_who_may_know_them(client, officer, official, east, school):
    child = make_child("那仁", number=id_number(1))
    held = OutsideList.objects.create(department="CIVIL", title="孤儿", listed_on=TODAY, unit=east)
    for category in ("ORPHAN", "LEFT_BEHIND"):
        Membership.objects.create(
            list=held,
            name="那仁",
            id_number=id_number(1),
            id_number_index=child.identifiers.get().value_index,
            category=category,
            student=child,
        )
    make_case(east, child=child, school=school, **confirmed())
    assert rows(client, DROPOUTS)[0]["特殊群体类别"] == "孤儿、留守儿童"
    client.force_login(officer(school, Role.SCHOOL))
    row = rows(client, DROPOUTS)[0]
    told = (row["特殊群体类别"], row["是否脱贫户/监测户"])
    assert told == ("", ""), "a school reads no outside list"


# Who reads them ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "posted_at, role, sees",
    [
        ("league", Role.BUREAU, True),
        ("banner-zuoqi", Role.OFFICIAL, True),
        ("banner-ejina", Role.OFFICIAL, False),
        ("league", Role.SUPERVISOR, True),
    ],
)
def test_ledgers_and_files_are_scoped(client, officer, units, east, posted_at, role, sees):
    entry(age_list(east), id_number(1))
    make_case(east)
    make_case(east, child=make_child("那木拉"), **confirmed())
    client.force_login(officer(units[posted_at], role))
    for address in (AGE, SUSPECTED, DROPOUTS):
        assert len(rows(client, address)) == sees
        assert ("那" in page(client, address)) is sees


def test_a_child_of_a_township_that_a_zone_runs_is_read_by_both(
    client, officer, units, east, run_township
):
    """The banner's household list names the township; the zone answers for the child there."""
    entry(age_list(east), id_number(1), "从没上学", township=run_township)
    zone = units["zone-gaoxin"]
    make_case(zone, child=make_child("从没上学"), township=run_township)
    for unit in (zone, east):
        client.force_login(officer(unit))
        assert names(client, AGE) == ["从没上学"]
        assert names(client, SUSPECTED) == ["从没上学"]


def test_a_school_reads_its_own_children(client, officer, east, school):
    make_case(east, school=school)
    make_case(east, child=make_child("旁人"))
    client.force_login(officer(school, Role.SCHOOL))
    assert names(client, SUSPECTED) == ["那仁"]
    assert "旁人" not in page(client, SUSPECTED)


def test_a_case_of_another_unit_is_no_link_in_the_register(client, official, east, west):
    child = make_child("那仁", number=id_number(1))
    entry(age_list(east), id_number(1), student=child)
    case = make_case(west, child=child)
    assert case.get_absolute_url() not in page(client, AGE)


def test_administrators_have_no_business_here(client, officer, league):
    for role in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR):
        client.force_login(officer(league, role))
        for address in (HOME, AGE, SUSPECTED, DROPOUTS):
            assert client.get(address).status_code == 403


# Narrowing, looking, leafing -----------------------------------------------------------------------
REGISTER_QUERIES = (
    ("", ["A", "B"]),
    ("schooling=ENROLLED", ["A"]),
    ("schooling=NOT_ENROLLED", ["B"]),
    ("stage=1", ["A"]),
    ("stage=2", []),
    ("sort=-name", ["B", "A"]),
    ("schooling=NOTHING", []),
    ("township=999999", []),
    ("list=x", []),
)


def test_the_register_is_narrowed(client, official, east, school):
    of = age_list(east)
    child = make_child("A", school, id_number(1))
    entry(of, id_number(1), "A", student=child)
    entry(of, id_number(2), "B", schooling="NOT_ENROLLED")
    for query, found in REGISTER_QUERIES:
        assert names(client, AGE, query) == found, query


LEDGER_QUERIES = (
    ("", ["甲", "乙"]),
    ("kind=NEVER_ENROLLED", ["乙"]),
    ("cause=LEARNING", ["甲"]),
    ("stage=1", ["甲"]),
    ("since=2025-10-08", []),
    ("until=2025-10-03", ["甲", "乙"]),
    ("sort=-name", ["甲", "乙"]),
    ("cause=RELIGION", []),
    ("since=yesterday", []),
    ("unit=999999", []),
)


def test_the_ledger_of_dropouts_is_narrowed(client, official, east, school):
    make_case(east, child=make_child("甲", school), **confirmed())
    facts = confirmed(kind="NEVER_ENROLLED", cause="POVERTY")
    make_case(east, child=make_child("乙"), **facts)
    for query, found in LEDGER_QUERIES:
        assert sorted(names(client, DROPOUTS, query)) == sorted(found), query


def test_an_empty_ledger_says_what_to_do(client, official):
    for address, word in ((AGE, "导入公安户籍"), (SUSPECTED, "学校报在校"), (DROPOUTS, "整张导入")):
        assert word in page(client, address)


@pytest.mark.parametrize("ledger, address", [("school-age", AGE), ("dropouts", DROPOUTS)])
def test_a_child_is_found_by_name_and_number_and_neither_is_in_the_address(
    client, official, officer, east, west, ledger, address
):
    for n, name in ((1, "那仁"), (2, "其其格")):
        child = make_child(name, number=id_number(n))
        entry(age_list(east, office=f"局{n}"), id_number(n), name, student=child)
        make_case(east, child=child, **confirmed())
    for text in ("那仁", id_number(1)):
        answer = client.post(f"{HOME}{ledger}/search/", {"text": text})
        assert answer.url.startswith(f"{address}?found=") and text not in answer.url
        assert names(client, address, answer.url.split("?")[1]) == ["那仁"]
    client.force_login(officer(west))
    assert client.get(answer.url).status_code == 404
    assert client.post(f"{HOME}{ledger}/search/", {"text": "那"}).url == address


@pytest.mark.parametrize("address", [AGE, SUSPECTED, DROPOUTS])
def test_the_query_count_does_not_grow(client, officer, east, school, address):
    """As somebody whose scope is computed: a banner's official, with few rows and with a page full."""
    of, held = (
        age_list(east),
        OutsideList.objects.create(department="RURAL", title="脱贫户", listed_on=TODAY, unit=east),
    )
    client.force_login(officer(east))

    def add(numbers):
        for n in numbers:
            child = make_child(f"甲{n}", school, id_number(n), residence=east)
            give_guardian(child, number=id_number(999 - n))
            entry(of, id_number(n), f"甲{n}", student=child, township=None)
            case = make_case(east, child=child, school=school, township=east)
            if n % 5:
                facts = {"found_on": EARLIER, "ended_on": EARLIER, "end": "RULED_OUT"}
                case.episodes.update(state=State.RULED_OUT, **facts)
                make_episode(case, **confirmed())
            held.members.create(
                name=child.name,
                id_number=id_number(n),
                id_number_index=child.identifiers.get().value_index,
                category="POVERTY_EXIT",
                student=child,
            )

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client, address)
        return len(asked)

    add(range(1, 11))
    client.get(address)
    few = questions()
    add(range(11, 61))
    assert questions() == few <= 40
