"""Standards: loaded once, confirmed by people, and never two that judge the same child."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.models import Event
from common.periods import Period
from common.refusals import Stale
from subsidies.models import Award, Programme, Standard
from subsidies.services.refusals import Refused
from subsidies.services.standards import confirm_standard, load_standards, save_standard
from tests.cast import NOW
from tests.intake.rosters import make_school
from tests.subsidies.need import at_school

AUTUMN, SPRING = Period.parse("2024/25-1"), Period.parse("2024/25-2")


@pytest.fixture
def loaded(db):
    return load_standards()


@pytest.fixture
def bureau(league, officer):
    return officer(league)


def named(key: str) -> Standard:
    return Standard.objects.get(loaded_as=key)


def refused(deed, *args, **more) -> tuple[str, str]:
    with pytest.raises(Refused) as why:
        deed(*args, **more)
    assert why.value.says
    return why.value.code, why.value.field


def test_a_second_load_adds_nothing_and_keeps_what_the_bureau_changed(loaded):
    assert loaded == (Programme.objects.count(), Standard.objects.count())
    one = named("living-primary-day-2024")
    one.valid_to = date(2026, 8, 31)
    one.save()
    assert load_standards() == (0, 0)
    assert named("living-primary-day-2024").valid_to == date(2026, 8, 31)
    assert Event.objects.filter(verb="subsidies.standards_loaded").count() == 1


def test_only_the_sure_ones_with_an_amount_judge(loaded):
    judging = set(Standard.objects.judging().values_list("loaded_as", flat=True))
    assert {"living-primary-day-2024", "living-junior-boards-2019", "senior-fee"} <= judging
    assert not judging & {"preschool-living-a", "vocational-grant-2025", "special-primary-3000"}
    assert "senior-grant-2025" not in judging, "an average is no amount"
    assert all(one.judges == (one.loaded_as in judging) for one in Standard.objects.all())


def test_no_two_loaded_standards_judge_the_same_child(loaded):
    for one in Standard.objects.judging():
        assert not Standard.objects.judging().like(one).exists(), one.loaded_as


def test_confirmed_by_a_person_and_of_two_that_differ_only_one(loaded, bureau):
    one = confirm_standard(
        named("special-primary-3000"), by=bureau, at=NOW, reason="核对过文件", seen=1
    )
    assert one.judges and one.confirmed_by == bureau
    assert refused(confirm_standard, one, by=bureau, at=NOW, reason="核对过文件")[0] == "confirmed"
    other = named("special-primary-1350")
    assert refused(confirm_standard, other, by=bureau, at=NOW, reason="核对过文件")[0] == "overlaps"
    no_amount = named("preschool-free-year")
    Standard.objects.filter(pk=no_amount.pk).update(confidence="M")
    assert refused(confirm_standard, no_amount, by=bureau, at=NOW, reason="核对过文件") == (
        "no_amount",
        "amount",
    )
    with pytest.raises(Stale):
        confirm_standard(other, by=bureau, at=NOW, reason="核对过文件", seen=7)


def test_a_changed_standard_waits_to_be_confirmed_anew(loaded, bureau):
    one = named("living-primary-day-2024")
    one.amount = Decimal("700")
    one = save_standard(one, by=bureau, at=NOW, reason="依据文件", seen=1)
    assert not one.judges and one.version == 2
    assert confirm_standard(one, by=bureau, at=NOW, reason="核对过文件").judges


def test_a_standard_that_awards_rest_on_only_ends(loaded, bureau, east):
    one = named("living-primary-day-2024")
    student = at_school(make_school("阿左旗第一小学", east), "13")
    Award.objects.create(
        student=student,
        programme=one.programme,
        term="2024/25-2",
        unit=student.enrolments.get().school,
        amount=Decimal("312.50"),
        standard=one,
    )
    one.valid_to = date(2026, 8, 31)
    assert save_standard(one, by=bureau, at=NOW, reason="依据文件").judges
    one.amount = Decimal("700")
    assert refused(save_standard, one, by=bureau, at=NOW, reason="依据文件") == ("in_use", "amount")


@pytest.mark.parametrize(
    "field, value, code",
    [
        ("amount", Decimal("0"), "not_money"),
        ("amount", Decimal("-1"), "not_money"),
        ("amount", Decimal("1.005"), "not_money"),
        ("amount", Decimal("NaN"), "not_money"),
        ("least", Decimal("Infinity"), "not_money"),
        ("document", " ", "required"),
        ("valid_to", date(2000, 1, 1), "out_of_order"),
    ],
)
def test_what_is_no_standard_is_refused(loaded, bureau, field, value, code):
    one = named("living-primary-day-2024")
    setattr(one, field, value)
    assert refused(save_standard, one, by=bureau, at=NOW, reason="依据文件") == (code, field)


@given(st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100))
def test_two_terms_are_the_year_to_the_cent(amount):
    year = Standard(amount=amount)
    autumn, spring = year.amount_of(AUTUMN), year.amount_of(SPRING)
    assert autumn + spring == amount and 0 <= spring - autumn <= Decimal("0.01")
    assert Standard(amount=amount, per=Standard.Per.TERM).amount_of(SPRING) == amount


def test_half_of_625_is_312_50():
    assert str(Standard(amount=Decimal("625.00")).amount_of(AUTUMN)) == "312.50"
    assert Standard(amount=Decimal("5"), per=Standard.Per.DAY).amount_of(AUTUMN) is None
    assert Standard().amount_of(AUTUMN) is None
