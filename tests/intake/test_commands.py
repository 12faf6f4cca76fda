"""`manage.py intake` and `intake_undo`, as the contract with the outside has them."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from intake import kinds
from intake.models import Upload
from registry.models import Student
from tests.intake.rosters import child, children, make_school, workbook

KEYS = [
    "kind",
    "file",
    "upload",
    "committed",
    "rows",
    "inserted",
    "updated",
    "unchanged",
    "rejected",
    "cleared",
    "conflicts",
    "missing",
    "errors_total",
    "errors",
    "warnings",
]


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def official(east, officer):
    return officer(east, username="left")


@pytest.fixture
def file(tmp_path):
    """file(rows) -> path of a workbook."""

    def write(rows, name="名册.xlsx"):
        path = tmp_path / name
        path.write_bytes(rows if isinstance(rows, bytes) else workbook(rows).read())
        return str(path)

    return write


def run(*arguments) -> tuple[int, str, str]:
    """(exit code, standard output, standard error)"""
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        code = stop.code
    return code, out.getvalue(), err.getvalue()


def intake(*arguments):
    code, out, _err = run("intake", *arguments, "--json")
    return code, json.loads(out)


def test_intake_checks_commits_and_undoes(school, official, file):
    path = file(children(3, school))
    code, told = intake("students", path, "--by", "left")
    assert (code, list(told)) == (0, KEYS)
    assert (told["committed"], told["inserted"], Student.objects.count()) == (False, 3, 0)
    code, told = intake("students", path, "--by", "left", "--commit")
    assert (code, told["committed"], told["inserted"]) == (0, True, 3)
    assert [w["code"] for w in told["warnings"]] == [], "the check before is the same upload"
    code, out, _err = run("intake_undo", str(told["upload"]), "--by", "left", "--json")
    assert (code, json.loads(out)) == (0, {"upload": told["upload"], "undone": 3, "left": []})
    assert not Student.objects.exists()


def test_intake_tells_faults_at_their_cells_and_writes_nothing(school, official, file):
    rows = children(3, school)
    rows[1]["身份证号"] = rows[1]["身份证号"][:-1]
    code, told = intake("students", file(rows), "--by", "left", "--commit")
    assert (code, told["committed"], told["rejected"], told["errors_total"]) == (1, False, 1, 1)
    error = told["errors"][0]
    assert list(error) == ["sheet", "row", "column", "code", "message"]
    assert (error["sheet"], error["row"], error["column"]) == ("名册", 3, "H")
    assert error["code"] == "id_length" and rows[1]["身份证号"] not in error["message"]
    assert not Student.objects.exists()
    code, told = intake("students", file(rows), "--by", "left", "--commit", "--good-rows")
    assert (code, told["committed"], told["inserted"]) == (1, True, 2)
    assert told["rows"] == sum(
        told[name] for name in ("inserted", "updated", "unchanged", "rejected", "conflicts")
    )


def test_the_same_bytes_committed_again_reuse_the_upload(school, official, file):
    path = file(children(2, school))
    _code, first = intake("students", path, "--by", "left", "--commit")
    code, again = intake("students", path, "--by", "left", "--commit")
    assert (code, again["upload"], again["unchanged"]) == (0, first["upload"], 2)
    assert again["committed"] is True
    assert [w["code"] for w in again["warnings"]] == ["same_file"]


def test_a_thousand_errors_of_a_code_are_listed_and_all_are_counted(school, official, file):
    rows = [child(n, school, 年级="一百年级") for n in range(1003)]
    code, told = intake("students", file(rows), "--by", "left")
    assert (code, told["errors_total"], len(told["errors"])) == (1, 1003, 1000)


@pytest.mark.parametrize(
    "arguments",
    [
        ["students", "FILE", "--by", "nobody"],
        ["no-kind", "FILE", "--by", "left"],
        ["students", "/no/such/file.xlsx", "--by", "left"],
        ["students", "FILE", "--by", "left", "--unit", "没有的单位"],
        ["students", "FILE", "--by", "left", "--fact", "no equals sign"],
        ["students", "FILE", "--by", "left", "--period", "2025Q9"],
        ["students", "BROKEN", "--by", "left"],
        ["students", "EMPTY", "--by", "left"],
        ["students"],
        [],
    ],
)
def test_what_cannot_be_used_is_told_on_standard_error_alone(school, official, file, arguments):
    places = {
        "FILE": file(children(1, school)),
        "BROKEN": file(b"PK\x03\x04 no workbook at all", "坏.xlsx"),
        "EMPTY": file(b"", "空.xlsx"),
    }
    code, out, err = run("intake", *(places.get(one, one) for one in arguments), "--json")
    assert (code, out) == (2, "")
    assert err.strip() and "Traceback" not in err


def test_a_unit_and_a_mapping_can_be_named(school, official, file):
    rows = [child(1, school)]
    rows[0]["孩子叫啥"] = rows[0].pop("姓名")
    path = file(rows)
    code, told = intake("students", path, "--by", "left")
    assert code == 1 and told["rejected"] == 1
    arguments = ["--map", "孩子叫啥=姓名", "--unit", "阿拉善左旗"]
    code, told = intake("students", path, "--by", "left", *arguments, "--commit")
    assert (code, told["inserted"]) == (0, 1)


def test_kinds_are_listed_with_all_their_columns():
    _code, out, _err = run("intake", "--kinds", "--json")
    listed = {kind["kind"]: kind for kind in json.loads(out)}
    assert set(listed) == {kind.slug for kind in kinds.all_kinds()}
    students = listed["students"]
    assert list(students) == ["kind", "title", "key", "complete_for", "columns", "rules"]
    assert students["key"] == ["身份证号"]
    headers = [column["header"] for column in students["columns"]]
    assert headers[:5] == ["旗(区)", "学校", "年级", "班级", "姓名"]
    assert [c["header"] for c in students["columns"] if c["required"]] == [
        "学校",
        "年级",
        "姓名",
        "身份证号",
    ]
    assert set(students["columns"][0]) == {
        "header",
        "aliases",
        "type",
        "required",
        "example",
        "choices",
    }


def test_undo_of_what_is_not_ones_own_or_not_there_is_refused(
    school, west, official, officer, file
):
    _code, told = intake("students", file(children(1, school)), "--by", "left", "--commit")
    officer(west, username="ejina")
    for arguments in ([str(told["upload"]), "--by", "ejina"], ["999999", "--by", "left"]):
        code, out, err = run("intake_undo", *arguments, "--json")
        assert (code, out) == (2, "") and err
    assert Student.objects.count() == 1
    assert Upload.objects.get().state == Upload.State.COMMITTED
