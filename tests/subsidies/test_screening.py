"""Findings of aid come and go with the data, stop nothing, and tell each banner of its own only."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from common.models import Job
from registry.models import Finding
from registry.roles import Role
from registry.services import findings
from subsidies.models import Award, Payment, PaymentBatch, Programme, Recognition, Standard
from subsidies.services import batches, screening
from subsidies.services.screening_doubts import paid_while_doubtful
from tests.cast import NOW
from tests.intake.rosters import make_school
from tests.subsidies.planted import HALF, TERM, build

pytestmark = pytest.mark.django_db
ON, IN_TERM = date(2025, 9, 10), date(2025, 7, 1)


@pytest.fixture
def people(officer, east):
    return officer(east), officer(east)


@pytest.fixture
def world(east, west, people):
    return build([east, west], count=6, by=people[0], second=people[1])


def screen(on=ON):
    return screening.screen([TERM], at=NOW, on=on)


def rules() -> list[str]:
    return sorted(Finding.objects.open().values_list("rule", flat=True))


def paid(world, n=0, **facts):
    Payment.objects.filter(student=world.students[n]).update(**facts)


def end_with_answer(finding, people, text="已核"):
    findings.answer_finding(finding, by=people[0], at=NOW, answer="TRUE", text=text)
    findings.accept_answer(finding, by=people[1], at=NOW)


def submitted(batch, by):
    batches.settle_batch(batch)
    return batches.submit_batch(batch, by=by, at=NOW)


# Coming and going ----------------------------------------------------------------------------------
def test_a_finding_clears_when_the_data_are_right_again(world):
    paid(world, amount="600")
    screen()
    assert rules() == ["subsidies.aid.amount"]
    paid(world, amount=HALF)
    screen()
    assert rules() == []
    assert Finding.objects.get().end == Finding.End.CLEARED


def test_an_answered_one_comes_back_only_with_other_facts(world, people):
    paid(world, amount="600")
    screen()
    end_with_answer(Finding.objects.get(), people)
    screen()
    assert rules() == []
    paid(world, amount="601")
    screen()
    assert rules() == ["subsidies.aid.amount"]


def test_other_terms_are_left_alone(world):
    paid(world, amount="600")
    screen()
    screening.screen(["2023/24-1"], at=NOW, on=ON)
    assert rules() == ["subsidies.aid.amount"]


def test_a_finding_names_school_rule_and_due_day(world):
    paid(world, amount="600")
    screen()
    finding = Finding.objects.get()
    assert finding.unit == world.schools[0]
    assert finding.due_on > ON
    assert "312.50" in findings.said(finding) and "600.00" in findings.said(finding)


# What is judged ------------------------------------------------------------------------------------
def test_before_a_schools_roster_has_run_nobody_is_missed(world):
    Payment.objects.filter(student__in=world.students[:4]).delete()  # two of six are paid
    screen(IN_TERM)
    assert rules() == []
    screen(ON)  # the deadline is over
    assert len(rules()) == 4


def test_who_waits_in_a_batch_is_not_missed(world, people, east):
    world.payment_of(0).delete()
    batch = PaymentBatch.objects.create(unit=east, title="补发", made_by=people[0], made_at=NOW)
    world.pay(0, batch=batch)
    screen()
    assert rules() == []
    batches.withdraw_batch(batch, by=people[0], at=NOW)
    screen()
    assert rules() == [f"subsidies.aid.missed.{world.programme.pk}"]


def test_a_school_that_has_paid_nobody_is_told_once_and_only_after_the_deadline(world):
    Payment.objects.all().delete()
    screen(IN_TERM)
    assert rules() == []
    screen(ON)
    assert rules() == [f"subsidies.aid.late.{world.programme.pk}"]
    assert "6" in findings.said(Finding.objects.get())


def test_two_halves_are_not_twice(world):
    paid(world, amount="156.25")
    world.pay(0, amount=Decimal("156.25"))
    screen()
    assert rules() == []


def test_what_was_reversed_or_sent_back_is_not_out(world):
    first = world.payment_of(0)
    again = world.pay(0)
    world.pay(0, amount=-HALF, reversal_of=again, reason="重复")
    world.pay(1, result="RETURNED", returned_on=ON)
    screen()
    assert rules() == []
    assert first.amount == HALF


def test_a_standard_that_is_not_confirmed_judges_nothing(world):
    Standard.objects.update(confidence="L")
    Award.objects.all().delete()
    paid(world, amount="9999")
    Recognition.objects.all().delete()
    screen()
    assert rules() == []


def test_the_amount_of_a_doubtful_standard_that_may_mean_the_child_is_no_fault(world):
    doubtful = Standard.objects.get(loaded_as="special-primary-3000")
    Award.objects.filter(student=world.students[0]).update(why={"unsure": [doubtful.pk]})
    paid(world, amount="1500")
    screen()
    assert rules() == []
    paid(world, amount="1500.01")
    screen()
    assert rules() == ["subsidies.aid.amount"]


def test_money_that_children_are_chosen_for_asks_for_no_recognition(world):
    chosen = Programme.objects.get(code="vocational-scholarship")
    Recognition.objects.all().delete()
    Award.objects.all().delete()
    Payment.objects.update(programme=chosen)
    screen()
    assert rules() == []


def test_a_recognition_on_its_way_is_before_and_not_without_ground(world):
    Award.objects.filter(student=world.students[0]).delete()
    Recognition.objects.filter(student=world.students[0]).update(state="NOTICED")
    screen()
    assert rules() == ["subsidies.aid.before"]


def test_names_and_holders_are_compared_as_people_write_them(world):
    paid(world, 0, name="那 仁", card_holder="乌·云")
    world.students[0].guardians.update(name="乌•云")
    paid(world, 1, card_holder="那仁", relation="SELF")
    paid(world, 2, card_holder="")
    screen()
    assert rules() == []


# It stops nothing ----------------------------------------------------------------------------------
def test_doubt_stops_no_money_and_shows_in_the_list_of_what_was_paid_all_the_same(
    world, people, east, client, clock_at
):
    clock_at(ON)
    paid(world, card_holder="王小二")
    screen()
    batch = PaymentBatch.objects.create(unit=east, title="又一批", made_by=people[0], made_at=NOW)
    world.pay(0, batch=batch, term="2025/26-1")
    batches.approve_batch(submitted(batch, people[0]), by=people[1], at=NOW)
    assert list(paid_while_doubtful(people[0])) == [world.payment_of(0)]
    client.force_login(people[0])
    page = client.get(reverse("subsidies:doubtful-list")).content.decode()
    assert "卡主不是学生本人" in page and "王小二" not in page


def test_an_approved_batch_asks_for_a_new_look(world, people, east):
    batch = PaymentBatch.objects.create(unit=east, title="又一批", made_by=people[0], made_at=NOW)
    world.pay(0, batch=batch)
    batches.approve_batch(submitted(batch, people[0]), by=people[1], at=NOW)
    assert Job.objects.filter(kind="subsidies.screen").exists()


# Who is told what ----------------------------------------------------------------------------------
@pytest.fixture
def in_both(world, east, west, officer, clock_at):
    """A child of a school of the east whom a school of the west has as well, and the west pays it
    too: with its own sum, card and day."""
    clock_at(ON)
    other = world.pay(
        0,
        banner=west,
        school=make_school("西边的学校", west),
        amount=Decimal("777.77"),
        paid_on=date(2025, 5, 5),
        card_holder="别人",
        remark="西边的备注",
    )
    screen()
    return world.payment_of(0), other


def test_a_child_paid_in_two_banners_is_told_to_both(in_both, east, west, world):
    mine, other = in_both
    told = Finding.objects.open().of_rule("subsidies.aid.twice")
    assert {(one.subject_pk, one.unit) for one in told} == {
        (str(mine.pk), world.schools[0]),
        (str(other.pk), other.school),
    }


def test_neither_is_shown_the_others_private_data(in_both, east, west, officer, client, world):
    mine, other = in_both
    secrets = {
        "east": ("777.77", "别人", "西边的", "2025年5月5日"),
        "west": (world.schools[0].name, "2025年6月20日", "乌云"),
    }
    for unit, payment, hidden, shown in (
        (east, mine, secrets["east"], "312.50"),
        (west, other, secrets["west"], "777.77"),
    ):
        client.force_login(officer(unit))
        finding = Finding.objects.get(rule="subsidies.aid.twice", subject_pk=str(payment.pk))
        pages = [
            client.get(finding.get_absolute_url()),
            client.get(reverse("subsidies:finding-proof", args=[finding.pk])),
            client.get(reverse("registry:finding-list")),
        ]
        text = "".join(page.content.decode() for page in pages)
        assert shown in text
        assert [word for word in hidden if word in text] == []
        theirs = Finding.objects.of_rule("subsidies.aid.twice").exclude(pk=finding.pk).get()
        address = reverse("subsidies:finding-proof", args=[theirs.pk])
        assert client.get(address).status_code == 404


def test_a_school_sees_its_own_findings_and_no_others(world, officer, client, clock_at):
    clock_at(ON)
    paid(world, amount="600")
    screen()
    finding = Finding.objects.get()
    other = make_school("另一所学校", world.banner_of[world.schools[0].pk])
    address = reverse("subsidies:finding-proof", args=[finding.pk])
    for school, status in ((world.schools[0], 200), (other, 404)):
        client.force_login(officer(school, Role.SCHOOL))
        assert client.get(address).status_code == status
    client.force_login(officer(world.schools[0], Role.SCHOOL))
    done = client.post(
        reverse("registry:finding-answer", args=[finding.pk]), {"answer": "FIXED", "text": "已退"}
    )
    assert done.status_code == 302


# Pages ---------------------------------------------------------------------------------------------
def test_the_board_counts_by_rule_in_a_fixed_number_of_questions(
    world, people, client, clock_at, django_assert_max_num_queries
):
    clock_at(ON)
    for n in range(4):
        paid(world, n, amount=str(600 + n))
    screen()
    client.force_login(people[0])
    with django_assert_max_num_queries(14):
        page = client.get(reverse("subsidies:finding-board"))
    line = next(one for one in page.context["sheet"].lines if one.rule.endswith("amount"))
    assert line.counts["ANSWER"] == 4
    listed = client.get(line.address())
    assert listed.content.decode().count("应发 312.50 元") == 4


def test_the_proof_of_a_late_school_lists_its_children(world, people, client, clock_at):
    clock_at(ON)
    Payment.objects.all().delete()
    screen()
    client.force_login(people[0])
    page = client.get(reverse("subsidies:finding-proof", args=[Finding.objects.get().pk]))
    assert len(page.context["proof"].awards) == 6


def test_the_list_of_doubtful_payments_in_a_fixed_number_of_questions(
    world, people, client, clock_at, django_assert_max_num_queries
):
    clock_at(ON)
    for n in range(5):
        paid(world, n, card_holder="王小二")
    screen()
    client.force_login(people[0])
    with django_assert_max_num_queries(15):
        page = client.get(reverse("subsidies:doubtful-list"))
    assert page.context["table"].page.paginator.count == 5
    file = client.get(reverse("subsidies:doubtful-list"), {"export": "csv"})
    assert file.status_code == 200
