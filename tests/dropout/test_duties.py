"""The four ones: who owes them, what meets them, what is told, and what is refused."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from common import figures, options
from common.models import Event, InboxLine
from common.periods import Kind
from common.refusals import Stale
from dropout.models import (
    DUTIES,
    AttendanceLine,
    AttendanceReturn,
    Comparison,
    ComparisonKind,
    Declaration,
    Obligation,
)
from dropout.services import duties, ledgers
from dropout.services.refusals import Refused
from registry.models import Duty, Enrolment, School, Unit
from registry.roles import Role
from registry.services import duties as registry_duties
from registry.services.units import merge_unit, set_reporting
from tests.cast import NOW, TODAY
from tests.children import make_child, make_school

SINCE = date(2025, 6, 1)
M, Q, T, Y = Obligation.MONTH, Obligation.QUARTER, Obligation.TERM, Obligation.YEAR


@pytest.fixture(autouse=True)
def today(clock_at, units):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("测试小学", east)


@pytest.fixture
def by(officer, east):
    return officer(east, Role.OFFICIAL, "filler", "填报人")


@pytest.fixture
def bureau(officer, league):
    return officer(league, Role.BUREAU, "bureau1", "盟局")


@pytest.fixture
def opened(school, by):
    """All that is owed since June 2025, as seen on 13 October."""
    registry_duties.remember_since(SINCE, by=by, at=NOW)
    duties.open_obligations(on=TODAY)
    return Duty.objects.of_code(DUTIES)


@pytest.fixture
def quarter(opened, east):
    return opened.get(code=Q, unit=east, period="2025Q3")


def codes(found) -> list:
    return sorted({(duty.code, duty.period) for duty in found})


def told(duty, by, **over):
    facts = {"held_on": date(2025, 9, 20), "text": "两所学校走访，没有发现失学辍学。"} | over
    return duties.declare(duty, by=by, at=NOW, **facts)


# Which there are -----------------------------------------------------------------------------------
def test_nothing_is_owed_before_the_portal_began(school):
    assert duties.open_obligations(on=TODAY) == 0


def test_each_owes_its_own(opened, east, league, school):
    months = [(M, "2025-06"), (M, "2025-09"), (M, "2025-10")]
    quarters = [(Q, "2025Q2"), (Q, "2025Q3"), (Q, "2025Q4")]
    terms = [(T, "2024/25-2"), (T, "2025/26-1")]
    years = [(Y, "2024/25"), (Y, "2025/26")]
    assert codes(opened.filter(unit=school)) == months
    assert codes(opened.filter(unit=east)) == sorted(quarters + years)
    assert codes(opened.filter(unit=league)) == sorted(terms + years)
    reporting = set(Unit.objects.reporting(TODAY).values_list("pk", flat=True))
    assert set(opened.filter(code=Q).values_list("unit", flat=True)) == reporting


def test_holidays_are_asked_for_where_the_bureau_wants(opened, school, bureau):
    options.change(duties.IN_HOLIDAYS, True, by=bureau)
    duties.open_obligations(on=TODAY)
    assert (M, "2025-07") in codes(opened.filter(unit=school))


def test_opening_again_opens_nothing(opened):
    assert duties.open_obligations(on=TODAY) == 0


def test_kindergartens_and_senior_schools_owe_no_month(opened, east):
    for number, kind in enumerate((School.Type.KINDERGARTEN, School.Type.SENIOR)):
        make_school(f"别的学校{number}", east, kind)
    assert duties.open_obligations(on=TODAY) == 0


def test_dues_are_counted_in_working_days_by_the_settings(quarter, bureau):
    before = quarter.due_on
    options.change("registry.due_quarter", 3, by=bureau)
    quarter.refresh_from_db()
    assert quarter.due_on < before


def test_standings_do_not_follow_what_they_do_not_rest_on(school, by, monkeypatch):
    told_of = []
    monkeypatch.setattr(figures, "_listeners", [lambda code, *_rest: told_of.append(code)])
    registry_duties.remember_since(SINCE, by=by, at=NOW)
    duties.open_obligations(on=TODAY)
    assert registry_duties.OWED not in told_of


def test_a_merged_school_owes_no_month_it_did_not_live_through(opened, school, east, bureau):
    into = make_school("并入的小学", east)
    merge_unit(school, into=into, on=date(2025, 10, 1), by=bureau)
    duties.keep_up(at=NOW, on=TODAY)
    october = opened.get(unit=school, period="2025-10")
    assert october.waived_reason == duties.NO_LONGER_THERE
    assert opened.get(unit=school, period="2025-09").waived_at is None


def test_a_unit_that_reports_no_longer_owes_nothing_and_its_schools_still_do(
    opened, quarter, school, east, bureau
):
    set_reporting(east, by=bureau, reports=False)
    quarter.refresh_from_db()
    assert quarter.waived_at and opened.filter(unit=school).open().count() == 3
    set_reporting(east, by=bureau, reports=True)
    quarter.refresh_from_db()
    assert quarter.waived_at is None


# What meets them -----------------------------------------------------------------------------------
@pytest.fixture
def month(opened, school):
    return opened.get(code=M, unit=school, period="2025-09")


def hand_in(school, by, line):
    line(school, by)
    ledgers.follow_returns("2025-09", [school.pk], by=by, at=NOW)


@pytest.fixture
def line():
    def make(school, by):
        return AttendanceLine.objects.create(
            school=school,
            month="2025-09",
            month_end=date(2025, 9, 30),
            name="测",
            id_number="1",
            id_number_index="00000000-0000-0000-0000-000000000001",
            is_present=True,
        )

    return make


def test_a_months_sheet_meets_the_month_at_once(month, school, by, line):
    hand_in(school, by, line)
    month.refresh_from_db()
    assert month.met_at == NOW


def test_a_month_is_met_when_no_child_of_the_roll_is_left_out(month, school, by, line):
    children = [make_child(school=school, grade="13") for _n in range(2)]
    told_of = line(school, by)
    AttendanceLine.objects.filter(pk=told_of.pk).update(student=children[0])
    ledgers.follow_returns("2025-09", [school.pk], by=by, at=NOW)
    month.refresh_from_db()
    assert month.met_at is None, "one child has not been told of"
    Enrolment.objects.filter(student=children[1]).update(grade="31")  # past compulsory schooling
    ledgers.follow_returns("2025-09", [school.pk], by=by, at=NOW)
    month.refresh_from_db()
    assert month.met_at == NOW
    make_child(school=school, grade="13")
    duties.settle(at=NOW)
    month.refresh_from_db()
    assert month.met_at == NOW, "who comes to the roll later opens nothing"


def test_a_sheet_taken_back_opens_the_month_again(month, school, by, line):
    line(school, by)
    ledgers.follow_returns("2025-09", [school.pk], by=by, at=NOW)
    school_lines = AttendanceReturn.objects.of_school(school)
    assert school_lines.exists()
    AttendanceLine.objects.all().delete()
    ledgers.follow_returns("2025-09", [school.pk], by=by, at=NOW)
    month.refresh_from_db()
    assert month.met_at is None


def run(unit, by, on, finished=NOW):
    return Comparison.objects.create(
        kind=ComparisonKind.ABSENT,
        unit=unit,
        on=on,
        asked_by=by,
        asked_at=NOW,
        finished_at=finished,
    )


@pytest.mark.parametrize(
    "on, finished, met",
    [
        (date(2025, 9, 30), NOW, True),
        (date(2025, 7, 1), NOW, True),
        (date(2025, 6, 30), NOW, False),
        (date(2025, 10, 1), NOW, False),
        (date(2025, 9, 30), None, False),  # still running, or killed
        (date(2024, 9, 30), NOW, False),
    ],
)
def test_a_comparison_of_the_quarter_meets_the_quarter(quarter, east, by, on, finished, met):
    run(east, by, on, finished)
    duties.settle(at=NOW)
    quarter.refresh_from_db()
    assert (quarter.met_at is not None) is met


def test_a_neighbours_comparison_meets_nothing(quarter, west, by):
    run(west, by, date(2025, 9, 30))
    duties.settle(at=NOW)
    quarter.refresh_from_db()
    assert quarter.met_at is None


def test_settling_asks_the_same_few_questions_however_many(opened, django_assert_num_queries):
    with django_assert_num_queries(4):
        duties.settle(at=NOW)


def test_a_waived_one_is_met_by_what_came_in_when_it_is_restored(quarter, east, by, bureau):
    registry_duties.waive_duty(quarter, by=bureau, reason="本季不查")
    run(east, by, date(2025, 9, 30))
    duties.settle(at=NOW)
    quarter.refresh_from_db()
    assert quarter.met_at is None
    duties.restore(quarter, by=bureau, at=NOW)
    quarter.refresh_from_db()
    assert quarter.met_at and quarter.waived_at is None


# Told in words -------------------------------------------------------------------------------------
def test_telling_meets_the_duty_and_says_so_in_the_log(quarter, by):
    told(quarter, by)
    quarter.refresh_from_db()
    assert quarter.met_at == NOW
    event = Event.objects.get(verb=duties.DECLARED)
    assert event.after == {"held_on": "2025-09-20"} and event.actor_id == by.pk


def test_taking_back_the_only_word_opens_it_again(quarter, by):
    duties.withdraw_declaration(told(quarter, by), reason="写错了季度", by=by, at=NOW)
    quarter.refresh_from_db()
    assert quarter.met_at is None and Declaration.objects.count() == 1


def test_taking_back_one_of_two_leaves_it_met(quarter, by):
    first = told(quarter, by)
    told(quarter, by, text="补充")
    duties.withdraw_declaration(first, reason="重复", by=by, at=NOW)
    quarter.refresh_from_db()
    assert quarter.met_at


@pytest.mark.parametrize(
    "facts, code, field",
    [
        ({"held_on": TODAY + timedelta(days=1)}, "in_future", "held_on"),
        ({"held_on": date(2025, 6, 30)}, "before_period", "held_on"),
        ({"text": "  "}, "required", "text"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(quarter, by, facts, code, field):
    with pytest.raises(Refused) as refused:
        told(quarter, by, **facts)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Declaration.objects.exists()


def test_words_are_no_months_sheet(month, by):
    with pytest.raises(Refused, match="by_sheet"):
        told(month, by)


def test_what_is_waived_is_not_told(quarter, by, bureau):
    registry_duties.waive_duty(quarter, by=bureau, reason="本季不查")
    with pytest.raises(Refused, match="waived"):
        told(quarter, by)


def test_a_double_click_tells_once(quarter, by):
    told(quarter, by, seen=0)
    with pytest.raises(Stale):
        told(quarter, by, seen=0)
    assert Declaration.objects.count() == 1


def test_taken_back_twice_is_refused(quarter, by):
    word = told(quarter, by)
    duties.withdraw_declaration(word, reason="写错了", by=by, at=NOW)
    with pytest.raises(Refused, match="withdrawn"):
        duties.withdraw_declaration(word, reason="写错了", by=by, at=NOW)


# Each night ----------------------------------------------------------------------------------------
def test_a_night_tells_the_school_once_on_the_due_day(month, school, officer):
    reporter = officer(school, Role.SCHOOL)
    for _again in range(2):
        duties.keep_up(at=NOW, on=month.due_on)
    line = InboxLine.objects.get(user=reporter, subject_pk=str(month.pk))
    assert "2025年9月" in line.text


def test_a_school_without_a_reporter_is_told_through_the_unit(month, by):
    duties.keep_up(at=NOW, on=month.due_on)
    assert InboxLine.objects.filter(user=by, subject_pk=str(month.pk)).exists()


def test_the_day_after_the_units_officials_hear_how_many_schools_are_late(
    month, east, west, by, officer
):
    make_school("另一所小学", east)
    duties.open_obligations(on=TODAY)
    elsewhere = officer(west)
    duties.tell_units(at=NOW, on=month.due_on + timedelta(days=1))
    line = InboxLine.objects.get(user=by)
    assert "有 2 所学校" in line.text and "2025年9月" in line.text
    assert not InboxLine.objects.filter(user=elsewhere).exists()


def test_a_quiet_night_leaves_no_event(opened):
    duties.keep_up(at=NOW, on=TODAY)
    assert not Event.objects.filter(verb=duties.SETTLED).exists()


# Pages ---------------------------------------------------------------------------------------------
def address(name, *args):
    return reverse(f"dropout:{name}", args=args)


def page(client, user, where, data=None):
    client.force_login(user)
    answer = client.post(where, data, follow=True) if data is not None else client.get(where)
    return answer.content.decode(), answer.status_code


def test_a_unit_sees_its_own_and_its_schools(client, opened, by, school, west):
    text, _status = page(client, by, address("duty-list") + "?state=ALL")
    assert school.name in text and west.name not in text


def test_a_school_sees_its_own_months_and_goes_to_hand_in(client, month, quarter, school, officer):
    reporter = officer(school, Role.SCHOOL)
    text, _status = page(client, reporter, address("duty-list"))
    assert month.get_absolute_url() in text and quarter.get_absolute_url() not in text
    text, _status = page(client, reporter, month.get_absolute_url())
    assert address("attendance-month", school.pk, "2025-09") in text


def test_home_of_a_school_shows_its_months(client, month, school, officer):
    text, _status = page(client, officer(school, Role.SCHOOL), "/")
    assert month.get_absolute_url() in text and "在校情况月报" in text


def test_home_of_an_official_shows_the_quarter_with_its_way(client, quarter, by):
    text, _status = page(client, by, "/")
    assert quarter.get_absolute_url() in text and "控辍保学季度复查" in text


def test_the_list_of_reports_leads_to_the_right_page(client, opened, quarter, month, by):
    text, _status = page(client, by, reverse("tasks_app:report-list"))
    assert quarter.get_absolute_url() in text and "控辍保学季度复查" in text
    assert month.get_absolute_url() not in text, "a school's months stand in dropout's own list"


def test_reminders_name_no_school_as_late_unit(client, opened, bureau, east, school):
    Duty.objects.of_code(DUTIES).filter(code__in=(M, Q)).update(due_on=TODAY - timedelta(days=3))
    client.force_login(bureau)
    late = client.get("/").context["home"].late
    assert east in [row.unit for row in late] and school not in [row.unit for row in late]


def test_the_form_tells_and_shows_it(client, quarter, by):
    data = {"held_on": "2025-09-20", "text": "走访了两所学校。", "seen": "0"}
    text, _status = page(client, by, address("duty-declare", quarter.pk), data)
    assert "走访了两所学校。" in text and "已登记" in text
    text, _status = page(client, by, address("duty-declare", quarter.pk), data)
    assert "刚才已经登记过" in text and Declaration.objects.count() == 1


@pytest.mark.parametrize(
    "data, says",
    [
        ({"held_on": "2025-12-01", "text": "情况", "seen": "0"}, "日期在今天以后"),
        ({"held_on": "不知道", "text": "情况写在这里", "seen": "0"}, "情况写在这里"),
        ({"held_on": "2025-09-20", "text": "", "seen": "0"}, "is-bad"),
        ({"held_on": "2025-09-20", "text": "情况", "seen": "x"}, "情况"),
    ],
)
def test_bad_input_is_told_at_the_field_and_kept(client, quarter, by, data, says):
    text, status = page(client, by, address("duty-declare", quarter.pk), data)
    assert status == 422 and says in text and not Declaration.objects.exists()


def test_who_only_reads_does_not_tell(client, quarter, bureau, officer, league, west):
    data = {"held_on": "2025-09-20", "text": "情况", "seen": "0"}
    for user, status in (
        (bureau, 404),
        (officer(west), 404),
        (officer(league, Role.SUPERVISOR), 403),
    ):
        assert page(client, user, address("duty-declare", quarter.pk), data)[1] == status
    assert not Declaration.objects.exists()


def test_the_bureau_waives_with_a_reason_and_restores(client, quarter, bureau):
    text, status = page(client, bureau, address("duty-waive", quarter.pk), {"reason": ""})
    quarter.refresh_from_db()
    assert status == 422 and quarter.waived_at is None
    page(client, bureau, address("duty-waive", quarter.pk), {"reason": "本季不查"})
    text, _status = page(client, bureau, address("duty-restore", quarter.pk), {})
    quarter.refresh_from_db()
    assert "已恢复" in text and quarter.waived_at is None


def test_a_word_is_taken_back_on_its_page(client, quarter, by):
    word = told(quarter, by)
    where = address("declaration-withdraw", word.pk)
    assert page(client, by, where, {"reason": ""})[1] == 422
    text, _status = page(client, by, where, {"reason": "写错了"})
    assert "已撤回" in text and "写错了" in text


def test_the_league_tells_of_its_term(client, opened, bureau, league):
    term = opened.get(code=T, unit=league, period="2024/25-2")
    data = {"held_on": "2025-08-20", "text": "全盟摸排一遍。", "seen": "0"}
    text, _status = page(client, bureau, address("duty-declare", term.pk), data)
    assert "全盟摸排一遍。" in text


@pytest.mark.parametrize(
    "query", ["?sort=x", "?page=x", "?unit=x", "?state=x", "?period=x", "?q=%25"]
)
def test_the_list_survives_a_broken_address(client, opened, by, query):
    client.force_login(by)
    assert client.get(address("duty-list") + query).status_code == 200


def test_the_export_holds_what_the_page_shows(client, opened, by):
    client.force_login(by)
    shown = client.get(address("duty-list") + "?state=ALL")
    answer = client.get(address("duty-list") + "?state=ALL&export=csv")
    rows = answer.getvalue().decode("utf-8-sig").splitlines()
    assert sum("测试小学" in row for row in rows) == 3 and shown.status_code == 200


@pytest.mark.parametrize("many", [10, 400])
def test_list_and_home_cost_the_same_for_few_and_many(
    client, opened, by, school, django_assert_num_queries, many
):
    Duty.objects.bulk_create(
        Duty(
            code=M,
            unit=school,
            period=f"{1990 + n // 12}-{1 + n % 12:02}",
            period_kind=Kind.MONTH,
            period_end=date(2025, 6, 30),
            due_on=date(2025, 7, 7),
        )
        for n in range(many)
    )
    client.force_login(by)
    client.get(address("duty-list"))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(address("duty-list"))


LIST_QUERIES = 9


def test_a_childs_name_never_reaches_the_log(quarter, by, school):
    make_child("某某某", school=school)
    told(quarter, by, text="某某某已经返校")
    assert "某某某" not in str(list(Event.objects.values_list("before", "after", "subject_title")))


def test_the_units_page_names_what_is_owed(client, quarter, bureau, east):
    text, _status = page(client, bureau, reverse("dashboard:unit", args=[east.pk]))
    assert quarter.get_absolute_url() in text and "控辍保学季度复查 2025年第三季度" in text
