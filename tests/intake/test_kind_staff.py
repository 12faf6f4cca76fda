"""Accounts and postings in bulk: proposed by one administrator, left to another to confirm."""

from datetime import date

import pytest

from common.models import ChangeSet, Event, User
from common.services import accounts
from intake import kinds
from intake.services import uploads
from registry.models import Posting
from registry.roles import Role
from registry.services import postings
from tests.cast import TODAY
from tests.intake.rosters import commit, domain_rows, hand_in, make_school, undo
from tests.intake.test_forms_filled import Filled, assert_no_difference, filled

TABLES = (User, Posting)
LATER, DAY_BEFORE = date(2025, 12, 31), date(2025, 10, 12)


@pytest.fixture(autouse=True)
def today(clock_at):
    return clock_at(TODAY)


@pytest.fixture
def sysadmin(league, officer):
    return officer(league, Role.SYSADMIN, name="系统管理员甲")


@pytest.fixture
def secadmin(league, officer):
    return officer(league, Role.SECADMIN)


@pytest.fixture
def check(league, sysadmin):
    return lambda *rows: hand_in(list(rows), by=sysadmin, unit=league, kind="staff")


@pytest.fixture
def write(check, sysadmin):
    return lambda *rows, **more: commit(check(*rows)[0], by=sysadmin, **more)


def line(name="那仁", username="naren", unit="阿拉善左旗", role="旗区填报员", **over) -> dict:
    row = {"姓名": name, "用户名": username, "单位": unit, "角色": role, "联系电话": None}
    return row | {"起始日期": None, "截止日期": None} | over


def told(preview) -> set:
    return {(one.code, one.place) for one in preview.faults}


def of(username) -> Posting:
    return Posting.objects.get(user__username=username)


# In and out --------------------------------------------------------------------------------------
def test_accounts_and_postings_are_proposed_and_taken_back(write, check, east, sysadmin):
    before = domain_rows(*TABLES)
    rows = [
        line(联系电话="0483-8330001", 起始日期="2025-11-01", 截止日期="2026-10-31"),
        line("乌云", "Wu.Yun", "盟教体局", "盟局科室"),
    ]
    rows[1]["单位"] = "阿拉善盟"
    upload = write(*rows)
    assert upload.counts["inserted"] == 2
    naren, wuyun = User.objects.get(username="naren"), User.objects.get(username="Wu.Yun")
    assert (naren.name, naren.phone, naren.is_active) == ("那仁", "0483-8330001", False)
    assert not naren.has_usable_password() and naren.must_change_password
    posting = of("naren")
    assert (posting.unit, posting.role, posting.confirmed_at) == (east, "OFFICIAL", None)
    assert (posting.valid_from, posting.valid_to) == (date(2025, 11, 1), date(2026, 10, 31))
    assert posting.proposed_by == sysadmin
    assert (of("Wu.Yun").valid_from, of("Wu.Yun").user) == (TODAY, wuyun)
    verbs = Event.objects.values_list("verb", flat=True)
    assert {"common.account_created", "registry.posting_proposed"} <= set(verbs)
    _upload, again = check(*rows)
    assert again.counts["unchanged"] == 2
    undone = undo(upload, by=sysadmin)
    assert (undone.undone, undone.left) == (2, [])
    assert domain_rows(*TABLES) == before


def test_the_security_administrator_confirms_and_hands_out_the_password(write, secadmin):
    write(line())
    postings.confirm_posting(of("naren"), by=secadmin)
    password = accounts.reset_password(of("naren").user, by=secadmin)
    user = User.objects.get(username="naren")
    assert user.is_active and user.check_password(password) and user.must_change_password


def test_what_was_confirmed_is_left_with_the_reason(write, sysadmin, secadmin, east):
    make_school("某小学", east)
    upload = write(
        line(), line(unit="某小学", role="学校填报员"), line("乌云", "wuyun"), line("李", "li")
    )
    postings.confirm_posting(Posting.objects.get(role="SCHOOL"), by=secadmin)
    postings.refuse_posting(of("li"), by=secadmin)
    undone = undo(upload, by=sysadmin)
    assert [(one.row, one.code) for one in undone.left] == [(2, "leaned_on"), (3, "frozen")]
    assert [one.role for one in Posting.objects.filter(user__username="naren")] == ["SCHOOL"]
    assert not User.objects.filter(username__in=("wuyun", "li")).exists()


def test_changed_cells_are_told_written_and_put_back(write, check, sysadmin):
    write(line(联系电话="0483-8330001", 截止日期="2026-10-31"))
    before = domain_rows(*TABLES)
    row = line("那仁花", 联系电话="清空", 起始日期="2025-12-01", 截止日期="清空")
    _upload, preview = check(row)
    assert {(one.header, one.old, one.new) for one in preview.changes} == {
        ("姓名", "那仁", "那仁花"),
        ("联系电话", "0483-8330001", ""),
        ("起始日期", "2025-10-13", "2025-12-01"),
        ("截止日期", "2026-10-31", ""),
    }
    assert preview.counts["cleared"] == 2
    upload = write(row)
    posting = of("naren")
    assert (posting.user.name, posting.user.phone) == ("那仁花", "")
    assert (posting.valid_from, posting.valid_to) == (date(2025, 12, 1), None)
    undo(upload, by=sysadmin)
    assert domain_rows(*TABLES) == before


def test_of_a_posting_in_force_the_end_is_proposed(write, check, sysadmin, secadmin, east, officer):
    officer(east, username="naren", name="那仁")
    before = domain_rows(*TABLES)
    upload = write(line(截止日期=LATER.isoformat()))
    posting = of("naren")
    assert (posting.valid_to, posting.end_proposed_on) == (None, LATER)
    _upload, preview = check(line(截止日期=LATER.isoformat()))
    assert preview.counts["unchanged"] == 1
    undo(upload, by=sysadmin)
    assert domain_rows(*TABLES) == before
    upload = write(line(截止日期=LATER.isoformat()))
    postings.agree_end(of("naren"), by=secadmin)
    assert [one.code for one in undo(upload, by=sysadmin).left] == ["frozen"]
    _upload, preview = check(line(起始日期="2021-01-01", 截止日期="2026-12-31"))
    assert told(preview) == {("posting_in_force", "F2"), ("posting_longer", "G2")}
    _upload, preview = check(line(起始日期="清空", 截止日期="清空"))
    assert told(preview) == {("clear_required", "F2"), ("posting_longer", "G2")}


def test_a_proposal_confirmed_after_its_days_were_changed_keeps_them(write, sysadmin, secadmin):
    write(line())
    upload = write(line(起始日期="2025-10-20"))
    postings.confirm_posting(of("naren"), by=secadmin)
    assert [one.code for one in undo(upload, by=sysadmin).left] == ["frozen"]
    assert of("naren").valid_from == date(2025, 10, 20)


def test_an_account_corrected_by_hand_since_is_left(write, sysadmin):
    write(line())
    upload = write(line("那仁花"))
    accounts.change_account(of("naren").user, by=sysadmin, name="那仁高娃", phone="")
    assert [one.code for one in undo(upload, by=sysadmin).left] == ["edited_since"]
    assert of("naren").user.name == "那仁高娃"


# What is refused ---------------------------------------------------------------------------------
def test_every_fault_is_told_at_its_cell(check, league, east, officer, sysadmin):
    officer(east, username="official", name="老王")
    officer(league, Role.AUDITOR, username="auditor", name="审计")
    make_school("某小学", east)
    rows = [
        line("新人", "na ren"),  # blanks in a username go
        line("新人", "na/ren"),
        line("新人", "x1", "某小学", "旗区填报员"),
        line("新人", "x2", "阿拉善左旗", "学校填报员"),
        line("新人", "x3", "不存在的单位"),
        line("审计", "auditor"),
        line("新人", "x4", "阿拉善盟", "系统管理员"),
        line("新人", "x4", "阿拉善左旗"),
        line("系统管理员甲", sysadmin.username, "阿拉善盟", "督导"),
        line("小李", "official", "阿拉善右旗"),
        line("甲", "x5"),
        line("乙", "x5", "阿拉善右旗"),
        line("新人", "x6", 起始日期="2025-12-01", 截止日期="2025-11-01"),
        line("新人", "x7", 截止日期="2025-10-01"),
        line("新人", "x8", 起始日期="2025-10-01", 截止日期="2025-10-12"),
    ]
    _upload, preview = check(*rows)
    assert told(preview) == {
        ("username_wrong", "B3"),
        ("role_elsewhere", "D4"),
        ("role_elsewhere", "D5"),
        ("unit_unknown", "C6"),
        ("roles_clash", "D7"),
        ("roles_clash", "D8"),
        ("roles_clash", "D9"),
        ("own_posting", "B10"),
        ("roles_clash", "D10"),
        ("account_differs", "A11"),
        ("account_said_twice", "A13"),
        ("before_first", "G14"),
        ("before_first", "G15"),
        ("posting_over", "G16"),
    }
    assert all(one.message and "%(" not in one.message for one in preview.faults)


def test_one_person_may_have_two_postings_and_not_one_twice(check, write):
    first = line(起始日期="2025-10-13", 截止日期="2025-12-31")
    next_one = line(起始日期="2026-01-01")
    assert write(first, next_one, line(unit="阿拉善右旗")).counts["inserted"] == 3
    assert User.objects.filter(username="naren").count() == 1
    _upload, preview = check(first, next_one, line(unit="阿拉善右旗"))
    assert preview.counts["unchanged"] == 3
    _upload, preview = check(line("乌云", "wuyun"), line("乌云", "wuyun", 起始日期="2025-11-01"))
    assert told(preview) == {("key_twice", "B3")}
    _upload, preview = check(line(起始日期="2025-11-01"), line(起始日期="2025-10-13"))
    assert told(preview) == {("key_twice", "B2"), ("key_twice", "B3")}


def test_a_posting_that_is_over_forbids_the_same_days_again(check, league, officer, east):
    officer(east, username="naren", name="那仁")
    Posting.objects.update(valid_to=DAY_BEFORE)
    officer(league, Role.SYSADMIN)
    Posting.objects.filter(role=Role.SYSADMIN).update(valid_to=None)
    _upload, preview = check(line(起始日期="2025-10-01"))
    assert told(preview) == {("posting_overlaps", "F2")}
    _upload, preview = check(line())
    assert preview.counts["inserted"] == 1 and not preview.faults


# Who may -----------------------------------------------------------------------------------------
def test_nobody_else_hands_accounts_in(league, east, officer, secadmin):
    for who in (officer(east), officer(league, Role.BUREAU), secadmin):
        with pytest.raises(uploads.NotYours):
            hand_in([line()], by=who, unit=league, kind="staff")
    assert not ChangeSet.objects.exists()


def test_a_pre_filled_form_comes_back_without_differences(
    check, write, league, east, officer, sysadmin
):
    officer(east, username="naren", name="那仁")
    write(
        line("乌云", "wuyun", 联系电话="0483-8330001", 截止日期="2026-10-31"),
        line(unit="阿拉善右旗"),
    )
    content = filled(sysadmin, league, kinds.get("staff"))
    form = Filled(content)
    rows = len(form.lines())
    assert {row["用户名"] for row in form.lines()} == {"naren", "wuyun"}
    _upload, preview = hand_in(form.file(), by=sysadmin, unit=league, kind="staff")
    assert_no_difference(preview, rows=rows)
    form["用户名", 0].value = "another"
    _upload, preview = hand_in(form.file(), by=sysadmin, unit=league, kind="staff")
    assert [one.code for one in preview.faults] == ["key_fixed"]
