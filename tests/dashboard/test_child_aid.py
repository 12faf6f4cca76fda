"""One child's aid on one page: of all terms, with its case, and nothing of what other units keep."""

from datetime import date
from decimal import Decimal

import pytest

from dropout.models import Case
from registry.models import Enrolment
from registry.roles import Role
from subsidies.models import Award, Programme
from subsidies.services.awards import expect
from subsidies.services.batches import approve_batch, submit_batch
from subsidies.services.standards import load_standards
from tests.cast import NOW, TODAY
from tests.dropout.rows import make_case
from tests.intake.rosters import id_number, make_school
from tests.subsidies.money import approved, draft, pupil
from tests.subsidies.need import recognised

TERM = "2025/26-1"


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def child(school):
    return pupil(1, school)


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


def page_of(client, child, status=200) -> str:
    reply = client.get(f"/children/{child.pk}/aid/")
    assert reply.status_code == status
    return reply.content.decode()


def award(child, school, term, amount, code="living") -> Award:
    programme = Programme.objects.get_or_create(code=code, defaults={"name": "生活补助"})[0]
    return Award.objects.create(
        student=child, programme=programme, term=term, unit=school, amount=Decimal(amount)
    )


def test_recognition_expected_and_paid_term_by_term(client, official, child, school, east, officer):
    load_standards()
    Enrolment.objects.update(boards=False)
    recognised(child, TERM, "B")
    expect(TERM, [east], NOW)
    award(child, school, "2024/25-2", "312.50")
    approved(east, school, [child], ["312.50"], by=official, second=officer(east))
    page = page_of(client, child)
    assert "那仁：应发 625.00 元，已发 312.50 元" in page
    newer, older = page.index("2025-2026学年第一学期"), page.index("2024-2025学年第二学期")
    assert newer < older and "足额发放" in page[older:] and "未发放" in page[newer:older]
    assert "困难认定 B 级" in page and id_number(1) not in page


def test_money_that_nothing_expected_is_told_as_such(
    client, official, child, school, east, officer
):
    approved(east, school, [child], ["100.00"], by=official, second=officer(east))
    page = page_of(client, child)
    assert "没有应发记录" in page and "应发 0.00 元，已发 100.00 元" in page


def test_money_that_nobody_approved_is_not_out(client, official, child, school, east):
    submit_batch(draft(east, school, [child], ["100.00"], by=official), by=official, at=NOW)
    page = page_of(client, child)
    assert "已发 0.00 元" in page and "待审批" in page


def test_paid_in_two_banners_both_are_told_and_neither_reads_the_others(
    client, officer, child, school, east, west
):
    there = make_school("额旗第一小学", west)
    Enrolment.objects.create(
        student=child, school=there, grade="13", class_name="9班", valid_from=date(2024, 9, 1)
    )
    for banner, place, amount in ((east, school, "111.11"), (west, there, "222.22")):
        official = officer(banner)
        batch = draft(banner, place, [child], [amount], by=official)
        approve_batch(submit_batch(batch, by=official, at=NOW), by=officer(banner), at=NOW)
    for banner, own, others in ((east, "111.11", "222.22"), (west, "222.22", "111.11")):
        client.logout()
        client.force_login(officer(banner))
        page = page_of(client, child)
        assert own in page and others not in page
        assert "别的单位也有这名学生的资助记录" in page
    client.logout()
    client.force_login(officer(east.parents.first().parent, Role.BUREAU))
    page = page_of(client, child)
    assert "111.11" in page and "222.22" in page and "别的单位" not in page


def test_a_case_stands_beside_it_for_who_may_see_both(
    client, official, child, school, east, officer
):
    make_case(east, child=child)
    case = Case.objects.get()
    assert case.get_absolute_url() in page_of(client, child)
    client.force_login(officer(school, Role.SCHOOL))
    assert case.get_absolute_url() not in page_of(client, child), "the banner's, not the school's"


def test_a_strangers_child_is_not_there(client, child, officer, west, east, league):
    elsewhere = make_school("阿左旗第二小学", east)
    for user in (officer(west), officer(elsewhere, Role.SCHOOL)):
        client.force_login(user)
        page_of(client, child, 404)
    client.force_login(officer(league, Role.AUDITOR))
    page_of(client, child, 403)


def test_the_childs_page_and_the_cases_page_lead_here(client, official, child, east):
    make_case(east, child=child)
    for address in (child.get_absolute_url(), Case.objects.get().get_absolute_url()):
        assert f"/children/{child.pk}/aid/" in client.get(address).content.decode()


def test_a_child_without_aid_says_so(client, official, child):
    page = page_of(client, child)
    assert "那仁：没有资助记录" in page and "没有认定、应发和发放" in page and "没有个案" in page
