"""Standards by their pages: what is sure and what is not, added, changed, closed, confirmed."""

import csv
import io
from datetime import date
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Job
from registry.roles import Role
from subsidies.jobs import expect_again
from subsidies.models import Award, Programme, Standard, StandardChange
from subsidies.services.standards import load_standards, terms_judged_by
from tests.cast import TODAY
from tests.intake.rosters import make_school
from tests.subsidies.need import at_school, recognised

LIST = "/subsidies/programmes/"


@pytest.fixture(autouse=True)
def loaded(db, clock_at):
    clock_at(TODAY)
    load_standards()


@pytest.fixture
def bureau(client, officer, league):
    user = officer(league, Role.BUREAU)
    client.force_login(user)
    return user


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


def named(key: str) -> Standard:
    return Standard.objects.get(loaded_as=key)


def address(key: str, deed: str = "") -> str:
    return f"/subsidies/standards/{named(key).pk}/{deed}"


def listed(client, query=""):
    file = client.get(f"{LIST}?export=csv&{query}")
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[2:]


# Reading -------------------------------------------------------------------------------------------
def test_the_list_shows_what_holds_today_and_says_what_is_not_sure(client, official):
    page = client.get(LIST).content.decode()
    assert "条现行标准待确认，不用于判断" in page
    rows = {(row[1], row[2]): row[5] for row in listed(client, "stage=PRIMARY")}
    assert rows["小学 寄宿", "每学年 1,250.00 元"] == "确认 有文件依据"
    assert rows["小学 残疾学生 寄宿", "每学年 3,000.00 元"] == "待确认 说法不一，不用于判断"
    assert ("小学 寄宿", "每学年 1,000.00 元") not in rows, "over since 2024"
    every = {(row[1], row[2]) for row in listed(client, "stage=PRIMARY&when=ALL")}
    assert ("小学 寄宿", "每学年 1,000.00 元") in every


@pytest.mark.parametrize(
    "query, found",
    [
        ("state=TO_CONFIRM", {"待确认"}),
        ("state=JUDGES", {"确认"}),
        ("state=NO_AMOUNT", {"没有定额"}),
        ("state=NOTHING", set()),
        ("text=%E9%80%9A%E8%BE%BD", {"待确认"}),
    ],
)
def test_the_list_is_narrowed(client, official, query, found):
    assert {row[5].split()[0] for row in listed(client, query)} == found


def test_an_average_is_never_shown_as_an_amount(client, official):
    page = client.get(address("senior-grant-2025")).content.decode()
    assert "没有定额，平均 2,300 元，最低 1,200 元，最高 3,500 元" in page
    assert "没有定额，不用于判断" in page


def test_a_programme_shows_its_years(client, official):
    programme = Programme.objects.get(code="compulsory-living")
    page = client.get(programme.get_absolute_url()).content.decode()
    assert "1,000.00 元" in page and "1,250.00 元" in page and "2024年2月29日" in page


def test_the_list_asks_as_often_for_many_rows_as_for_few(client, official):
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(f"{LIST}?stage=PRESCHOOL")
    with CaptureQueriesContext(connection) as many:
        client.get(f"{LIST}?when=ALL")
    assert len(many) == len(few) <= 16


# Deeds ---------------------------------------------------------------------------------------------
def test_only_the_bureau_decides(client, official):
    for deed in ("edit/", "close/", "confirm/"):
        assert client.get(address("living-primary-day-2024", deed)).status_code == 403
    assert client.get(f"{LIST}new/").status_code == 403


def test_confirmed_with_a_reason_and_awards_are_worked_out_again(client, bureau, east):
    school = make_school("阿左旗幼儿园", east)
    recognised(at_school(school, "02"), "2025/26-1")
    page = client.get(address("preschool-living-a", "confirm/")).content.decode()
    assert "转引，待确认" in page and "2,000.00 元" in page
    asked = {"seen": named("preschool-living-a").version}
    empty = client.post(address("preschool-living-a", "confirm/"), asked)
    assert empty.status_code == 422 and not StandardChange.objects.exists()
    client.post(address("preschool-living-a", "confirm/"), {**asked, "reason": "内教财字文件"})
    one = named("preschool-living-a")
    assert one.judges and one.confirmed_by == bureau
    job = Job.objects.get(kind="subsidies.expect_again")
    assert job.arguments == {"terms": ["2025/26-1"]}
    expect_again(Mock(), **job.arguments)
    assert str(Award.objects.get().amount) == "1000.00"
    page = client.get(address("preschool-living-a")).content.decode()
    assert "内教财字文件" in page and "不用于判断" not in page
    again = client.post(address("preschool-living-a", "confirm/"), {"reason": "再点一次"})
    assert again.status_code == 422 and "已经确认过" in again.content.decode()
    assert StandardChange.objects.count() == 1


def test_of_two_that_differ_the_second_is_refused_in_words(client, bureau):
    client.post(address("special-primary-3000", "confirm/"), {"reason": "请示过自治区"})
    page = client.post(address("special-primary-1350", "confirm/"), {"reason": "请示过自治区"})
    assert page.status_code == 422 and "同样范围的标准在用" in page.content.decode()


def test_a_stale_form_is_told_so_and_may_be_sent_again(client, bureau):
    where = address("living-primary-day-2024", "close/")
    asked = {"valid_to": "2026-08-31", "reason": "新标准将出", "seen": 1}
    assert client.post(where, asked).status_code == 302
    late = client.post(where, {**asked, "valid_to": "2026-02-28"})
    page = late.content.decode()
    assert late.status_code == 422 and "别人刚改过" in page and 'name="seen" value="2"' in page
    assert named("living-primary-day-2024").valid_to == date(2026, 8, 31)


def test_a_local_programme_and_its_standard(client, bureau, east):
    facts = {"form": "MONEY", "paid_to": "CHILD", "entitles": "RECOGNISED", "unit": east.pk}
    new = client.post(f"{LIST}new/", {**facts, "name": "左旗交通补助"})
    programme = Programme.objects.get(name="左旗交通补助")
    assert new["Location"] == programme.get_absolute_url()
    assert "左旗交通补助" in client.get(LIST).content.decode(), "listed before it has a standard"
    twice = client.post(f"{LIST}new/", {**facts, "name": "左旗交通补助"})
    assert twice.status_code == 422 and "已有叫这个名称的项目" in twice.content.decode()
    standard = {
        "stage": "PRIMARY",
        "boards": "1",
        "grades": ["13", "14"],
        "amount": "1,200.50",
        "per": "YEAR",
        "document": "左旗教体〔2025〕1号",
        "valid_from": "2025-09-01",
        "reason": "旗里新设",
    }
    where = f"{LIST}{programme.pk}/standards/new/"
    for wrong, says in (
        ({"amount": "1200.505"}, "最多两位小数"),
        ({"amount": "一千"}, "这里要填金额"),
        ({"amount": "-5"}, "金额要大于 0"),
        ({"amount": "0"}, "金额要大于 0"),
        ({"valid_to": "2025-08-31"}, "日期先后不对"),
        ({"document": ""}, "这里要填"),
        ({"grades": ["99"]}, "从名单里选"),
    ):
        page = client.post(where, standard | wrong)
        assert page.status_code == 422 and says in page.content.decode(), wrong
    assert client.post(where, standard).status_code == 302
    one = programme.standards.get()
    assert (str(one.amount), one.boards, one.grades) == ("1200.50", True, ["13", "14"])
    assert not one.judges, "whoever registers it does not confirm it by that"


def test_a_neighbours_local_programme_is_not_there(client, officer, east, west):
    theirs = Programme.objects.create(code="w", name="额旗补助", unit=west)
    one = Standard.objects.create(
        programme=theirs, stage="PRIMARY", document="文", valid_from=date(2025, 9, 1)
    )
    for unit, status in ((east, 404), (west, 200)):
        client.force_login(officer(unit))
        assert client.get(theirs.get_absolute_url()).status_code == status
        assert client.get(one.get_absolute_url()).status_code == status
        assert ("额旗补助" in client.get(LIST).content.decode()) is (status == 200)


def test_which_terms_a_change_touches():
    one = named("living-primary-day-2024")
    assert terms_judged_by(one, TODAY) == [
        "2023/24-2",
        "2024/25-1",
        "2024/25-2",
        "2025/26-1",
    ], "two school years back"
    one.valid_from = date(2026, 3, 1)
    assert terms_judged_by(one, TODAY) == []
