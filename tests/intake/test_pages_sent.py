"""Who has sent what: for whom, for which period, and what is missing."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from intake.models import Upload
from registry.models import Unit
from registry.roles import Role
from registry.services.units import rebuild_closure
from tests.cast import TODAY
from tests.intake import made

SENT = "/intake/sent/"


@pytest.fixture(autouse=True)
def now(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    """A school that lies under the banner `east`."""
    unit = Unit.objects.create(
        key="school-1", name="左旗第一小学", kind=Unit.Kind.SCHOOL, valid_from=date(2000, 1, 1)
    )
    unit.parents.create(parent=east, valid_from=date(2000, 1, 1))
    rebuild_closure()
    return unit


@pytest.fixture
def supervisor(client, officer, league):
    user = officer(league, Role.SUPERVISOR)
    client.force_login(user)
    return user


def row_of(client, name, query=""):
    """What a unit's row says, kind by kind: {title: text}."""
    page = client.get(f"{SENT}?{query}").content.decode()
    line = page.partition(f">{name}</th>")[2].partition("</tr>")[0]
    assert line, f"{name} has no row"
    cells = line.split('data-label="')[1:]
    return {cell.partition('"')[0]: cell.partition(">")[2] for cell in cells}


def committed(by, unit, **fields):
    return made.upload(by, unit, "COMMITTED", made.made({"rows": 1286, "inserted": 5}), **fields)


def test_each_unit_has_its_latest_commit_or_what_is_missing(client, officer, supervisor, east):
    clerk = officer(east)
    committed(clerk, east, at=timezone.make_aware(datetime(2025, 9, 1, 8)))
    last = committed(clerk, east)
    made.upload(clerk, east, "UNDONE", made.full(), kind="outside-list")
    row = row_of(client, "阿拉善左旗")
    assert last.get_absolute_url() in row["学校名录"] and "1,286 行" in row["学校名录"]
    assert "9月1日" not in row["学校名录"]
    assert "未交" in row["部门名单"], "what was undone is not sent"
    assert "未交" in row_of(client, "额济纳旗")["学校名录"]
    assert "账号与任职" not in row


def test_a_period_is_asked_for_by_its_code_or_by_the_day_of_the_commit(
    client, officer, supervisor, east
):
    clerk = officer(east)
    committed(clerk, east, kind="indicator-values", period="2025Q3")
    committed(clerk, east)
    for period, values, schools in (("2025Q3", True, False), ("2025Q4", False, True)):
        row = row_of(client, "阿拉善左旗", f"period={period}")
        assert ("未交" not in row["指标数值"]) is values
        assert ("未交" not in row["学校名录"]) is schools


def test_schools_are_counted_with_their_banner_and_listed_on_demand(
    client, officer, supervisor, east, school
):
    committed(officer(school, Role.SCHOOL), school, kind="students")
    row = row_of(client, "阿拉善左旗")
    assert "1 所学校交了" in row["学生名册"] and "未交" not in row["学生名册"]
    assert "未交" in row_of(client, "额济纳旗")["学生名册"]
    row = row_of(client, "左旗第一小学", f"under={east.pk}")
    assert "1,286 行" in row["学生名册"]
    assert "未交" not in row["学校名录"], "a school hands in no list of schools"


def test_units_outside_the_postings_are_absent(client, officer, east, west, school):
    committed(officer(west), west)
    client.force_login(officer(east))
    page = client.get(SENT).content.decode()
    assert "阿拉善左旗" in page and "左旗第一小学" in page and "额济纳旗" not in page
    assert client.get(f"{SENT}?under={west.pk}").content.decode().count("1,286") == 0


def test_sent_needs_the_right_to_look(client, officer, league, east):
    client.force_login(officer(league, Role.SYSADMIN))
    assert client.get(SENT).status_code == 403
    client.force_login(officer(east, Role.SCHOOL))
    assert client.get(SENT).status_code == 200
    assert client.post(SENT).status_code == 405


def test_the_title_counts_what_is_missing(client, officer, supervisor, units):
    before = client.get(SENT).content.decode().partition("还有 ")[2].partition(" 张")[0]
    committed(officer(units["banner-ejina"]), units["banner-ejina"])
    after = client.get(SENT).content.decode().partition("还有 ")[2].partition(" 张")[0]
    assert int(before) - int(after) == 1


def test_the_matrix_asks_few_questions_whatever_its_size(
    client, officer, supervisor, units, django_assert_max_num_queries
):
    for key in ("banner-zuoqi", "banner-youqi", "banner-ejina"):
        committed(officer(units[key]), units[key])
    with django_assert_max_num_queries(14):
        client.get(SENT)
    assert Upload.objects.count() == 3
