"""What programs that call `manage.py intake` lean on: keys and their types, exit codes, limits."""

from collections import Counter

import pytest

from intake.models import Upload
from registry.models import Membership, OutsideList, Student, Transfer
from tests.cast import TODAY
from tests.intake.rosters import child, children, id_number, make_school, take_in, workbook
from tests.intake.test_commands import KEYS, intake, run

FLAGS = ("--fact", "部门=民政", "--fact", "title=2025年低保名单", "--fact", "名单日期=2025-09-30")


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east, username="left")


@pytest.fixture
def file(tmp_path):
    def write(rows, name="名册.xlsx"):
        path = tmp_path / name
        path.write_bytes(workbook(rows).read())
        return str(path)

    return write


def listed(n, **over) -> dict:
    return {"姓名": "那仁", "身份证号": id_number(n), "类别": "低保"} | over


def test_kinds_have_the_keys_and_types_of_the_contract():
    code, told = intake("--kinds")
    assert code == 0
    for kind in told:
        assert list(kind) == ["kind", "title", "key", "complete_for", "columns", "rules"]
        assert all(isinstance(kind[name], str) for name in ("kind", "title", "complete_for"))
        assert kind["complete_for"] in ("", "unit", "unit_period")
        headers = [column["header"] for column in kind["columns"]]
        assert kind["key"] and set(kind["key"]) <= set(headers)
        assert all(isinstance(rule, str) and rule for rule in kind["rules"])
        for column in kind["columns"]:
            assert list(column) == ["header", "aliases", "type", "required", "example", "choices"]
            assert isinstance(column["required"], bool) and column["type"]
            assert all(isinstance(word, str) for word in (*column["aliases"], *column["choices"]))
            assert isinstance(column["example"], str)


def test_kinds_for_people_mark_what_is_required():
    code, out, err = run("intake", "--kinds")
    assert (code, err) == (0, "")
    assert "students  学生名册" in out and "  * 姓名 (name)" in out and "    班级 (" in out


def test_counts_are_numbers_and_lists_are_lists(school, official, file):
    code, told = intake("students", file(children(2, school)), "--by", "left")
    assert (code, list(told)) == (0, KEYS)
    assert all(type(told[name]) is int for name in KEYS[4:13])
    assert (type(told["upload"]), type(told["committed"])) == (int, bool)
    assert (told["kind"], told["file"]) == ("students", "名册.xlsx")
    assert told["errors"] == told["warnings"] == []


def test_the_limit_holds_for_each_code_by_itself(school, official, file):
    rows = [child(n, school, 年级="一百年级") for n in range(1100)]
    for row in rows[:400]:
        row["监护人电话"] = "12345"
    code, told = intake("students", file(rows), "--by", "left", "--commit")
    times = Counter(error["code"] for error in told["errors"])
    assert (code, told["errors_total"], told["rejected"]) == (1, 1500, 1100)
    assert sorted(times.values()) == [400, 1000], times
    assert not Student.objects.exists()


def test_a_child_of_another_unit_is_a_conflict_and_a_transfer_is_proposed(
    school, east, west, official, officer, file
):
    far = make_school("额济纳旗小学", west)
    take_in([child(9, far) | {"旗(区)": "额济纳旗"}], by=officer(west), unit=west)
    path = file([child(9, school), child(1, school)])
    code, told = intake("students", path, "--by", "left", "--commit")
    assert (code, told["committed"], told["conflicts"], told["inserted"]) == (1, False, 1, 1)
    assert [one["code"] for one in told["errors"]] == ["other_unit"]
    assert not Transfer.objects.exists()
    code, told = intake("students", path, "--by", "left", "--commit", "--good-rows")
    assert (code, told["committed"], told["conflicts"]) == (1, True, 1)
    assert (Transfer.objects.count(), Student.objects.count()) == (1, 2)


def test_facts_are_named_by_name_or_by_header(east, official, file):
    path = file([listed(1)], "低保.xlsx")
    code, told = intake("outside-list", path, "--by", "left", *FLAGS, "--commit")
    assert (code, told["inserted"]) == (0, 1)
    found = OutsideList.objects.get()
    assert (found.department, found.title, str(found.listed_on)) == (
        "CIVIL_AFFAIRS",
        "2025年低保名单",
        "2025-09-30",
    )
    assert Membership.objects.get().list == found


@pytest.mark.parametrize(
    ("kind", "wrong", "named"),
    [
        ("outside-list", ("--fact", "部们=民政"), "部们"),
        ("students", ("--fact", "部门=民政"), "部门"),
        ("students", ("--map", "姓名=没有的列"), "没有的列"),
        ("students", ("--map", "姓名"), "姓名"),
    ],
)
def test_what_the_kind_does_not_have_is_refused(school, official, file, kind, wrong, named):
    rows = [listed(1)] if kind == "outside-list" else [child(1, school)]
    code, out, err = run("intake", kind, file(rows), "--by", "left", *wrong, "--json")
    assert (code, out) == (2, "")
    assert named in err and "Traceback" not in err


def test_a_check_leaves_the_tables_alone_and_a_second_one_is_the_same_upload(
    school, official, file
):
    path = file(children(2, school))
    _code, first = intake("students", path, "--by", "left")
    code, second = intake("students", path, "--by", "left")
    assert (code, second) == (0, first)
    assert (Upload.objects.count(), Student.objects.count()) == (1, 0)
