"""A term's aid for many children who do not exist, all of it right, and slips planted into it.

Half a thousand children a school; each is at primary school, recognised, expected to get 312.50 and
paid so to its mother's card. `plant` breaks some of it in each way and tells what has to be found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from registry.models import Enrolment, Guardian, Membership, OutsideList, Student, Unit
from subsidies.models import Award, Payment, PaymentBatch, Programme, Recognition, Standard
from subsidies.services.standards import load_standards
from tests.cast import NOW
from tests.intake.rosters import make_school

TERM, BEFORE = "2024/25-2", "2024/25-1"
HALF = Decimal("312.50")
RECOGNISED, PAID, LATE = date(2025, 3, 20), date(2025, 6, 20), date(2025, 9, 3)
A_SCHOOL = 500
AT_ONCE = 2000
MOTHER, TEXT = "乌云", "1"  # a guardian's name; a ciphertext that nobody reads


@dataclass
class World:
    schools: list[Unit]
    programme: Programme
    students: list[Student]
    batches: dict[int, PaymentBatch]  # by banner
    banner_of: dict[int, Unit]  # by school
    expected: set[tuple[str, str]] = field(default_factory=set)  # (rule, subject)

    def school_of(self, n: int) -> Unit:
        return self.schools[n // A_SCHOOL]

    def payment_of(self, n: int) -> Payment:
        return Payment.objects.filter(student=self.students[n], term=TERM).earliest("pk")

    def pay(self, n: int, *, banner: Unit | None = None, **over) -> Payment:
        school = self.school_of(n)
        batch = self.batches[(banner or self.banner_of[school.pk]).pk]
        return Payment.objects.create(**payment(self, n, batch) | over)


def number_of(n: int) -> UUID:
    return UUID(int=n + 1)


def payment(world: World, n: int, batch: PaymentBatch) -> dict:
    return {
        "batch": batch,
        "school": world.school_of(n),
        "student": world.students[n],
        "name": "那仁",
        "id_number": TEXT,
        "id_number_index": number_of(n),
        "programme": world.programme,
        "term": TERM,
        "amount": HALF,
        "paid_on": PAID,
        "card_holder": MOTHER,
        "relation": "MOTHER",
        "card_index": number_of(n),
    }


def build(banners: list[Unit], *, count: int, by, second) -> World:
    """`count` children in schools that take turns between the banners; everything is right."""
    load_standards()
    schools = _schools(banners, count)
    students = Student.objects.bulk_create(
        (Student(name="那仁") for _n in range(count)), batch_size=AT_ONCE
    )
    banner_of = {school.pk: banners[at % len(banners)] for at, school in enumerate(schools)}
    programme = Programme.objects.get(code="compulsory-living")
    batches = {one.pk: _batch(one, by, second) for one in banners}
    world = World(schools, programme, students, batches, banner_of)
    _write(Enrolment, _enrolments(world))
    _write(Guardian, (Guardian(student=one, name=MOTHER) for one in students))
    _write(Recognition, _recognitions(world))
    standard = Standard.objects.get(loaded_as="living-primary-day-2024")
    of = dict(zip(_pks(Recognition, "student"), _pks(Recognition, "pk"), strict=True))
    _write(
        Award,
        (
            Award(
                student=one,
                programme=programme,
                term=TERM,
                unit=world.school_of(n),
                amount=HALF,
                standard=standard,
                recognition_id=of[one.pk],
            )
            for n, one in enumerate(students)
        ),
    )
    _write(Payment, _payments(world))
    return world


def _pks(model, name: str) -> list[int]:
    return list(model.objects.order_by("pk").values_list(name, flat=True))


def _schools(banners: list[Unit], count: int) -> list[Unit]:
    wanted = -(-count // A_SCHOOL)
    return [make_school(f"第{n}小学", banners[n % len(banners)]) for n in range(wanted)]


def _batch(banner: Unit, by, second) -> PaymentBatch:
    return PaymentBatch.objects.create(
        unit=banner,
        title="春季",
        term=TERM,
        state=PaymentBatch.State.APPROVED,
        made_by=by,
        made_at=NOW,
        approved_by=second,
        approved_at=NOW,
    )


def _enrolments(world: World) -> Iterator[Enrolment]:
    for n, one in enumerate(world.students):
        begun = {"valid_from": date(2023, 9, 1), "boards": False, "grade": "13"}
        yield Enrolment(student=one, school=world.school_of(n), **begun)


def _recognitions(world: World) -> Iterator[Recognition]:
    for n, one in enumerate(world.students):
        yield recognition(one, world.school_of(n))


def recognition(student: Student, school: Unit) -> Recognition:
    decided = {"state": "FILED", "level": "A", "recognised_on": RECOGNISED, "filed_at": NOW}
    return Recognition(student=student, unit=school, term=TERM, **decided)


def _payments(world: World) -> Iterator[Payment]:
    for n in range(len(world.students)):
        batch = world.batches[world.banner_of[world.school_of(n).pk].pk]
        yield Payment(**payment(world, n, batch))


def _write(model, rows) -> None:
    model.objects.bulk_create(rows, batch_size=AT_ONCE)


# Slips ---------------------------------------------------------------------------------------------
def plant(world: World, *, each: int) -> set[tuple[str, str]]:
    """`each` children for every way to go wrong, spread over the first school of each banner; returns
    what must be found, as (rule, subject's key), and nothing else may be."""
    slips = (
        _missed,
        _interrupted,
        _listed_only,
        _not_recognised,
        _gone,
        _twice,
        _twice_across,
        _short,
        _over,
        _strange_card,
        _shared_card,
        _unknown,
        _named_otherwise,
        _early,
        _late,
    )
    at = 0
    for slip in slips:
        for _turn in range(each):
            slip(world, at)
            at += 7
    return world.expected


def _say(world: World, rule: str, subject) -> None:
    world.expected.add((f"subsidies.aid.{rule}", str(subject)))


def _missed(world: World, n: int) -> None:
    world.payment_of(n).delete()
    _say(world, f"missed.{world.programme.pk}", world.students[n].pk)


def _interrupted(world: World, n: int) -> None:
    world.payment_of(n).delete()
    world.pay(n, term=BEFORE)
    Recognition.objects.create(
        student=world.students[n],
        unit=world.school_of(n),
        term=BEFORE,
        state="FILED",
        level="A",
        recognised_on=date(2024, 9, 20),
        filed_at=NOW,
    )
    Award.objects.create(
        student=world.students[n],
        programme=world.programme,
        term=BEFORE,
        unit=world.school_of(n),
        amount=HALF,
    )
    _say(world, f"interrupted.{world.programme.pk}", world.students[n].pk)


def _drop_recognition(world: World, n: int) -> None:
    Award.objects.filter(student=world.students[n], term=TERM).delete()
    Recognition.objects.filter(student=world.students[n], term=TERM).delete()


def _listed_only(world: World, n: int) -> None:
    """On a list of civil affairs through its mother, and nobody has recognised it."""
    _drop_recognition(world, n)
    world.payment_of(n).delete()
    number = UUID(int=10**9 + n)
    Guardian.objects.filter(student=world.students[n]).update(id_number_index=number)
    listed = OutsideList.objects.get_or_create(
        department="CIVIL_AFFAIRS",
        title="低保名单",
        listed_on=date(2025, 3, 1),
        unit=world.banner_of[world.school_of(n).pk],
    )[0]
    Membership.objects.create(
        list=listed, name=MOTHER, id_number=TEXT, id_number_index=number, category="SUBSISTENCE"
    )
    _say(world, "missed", world.students[n].pk)


def _not_recognised(world: World, n: int) -> None:
    _drop_recognition(world, n)
    _say(world, "ground", world.payment_of(n).pk)


def _gone(world: World, n: int) -> None:
    """Left the school a year before, and was paid."""
    _drop_recognition(world, n)
    Enrolment.objects.filter(student=world.students[n]).update(
        valid_to=date(2024, 7, 1), end_reason="GRADUATED"
    )
    _say(world, "ground", world.payment_of(n).pk)


def _twice(world: World, n: int) -> None:
    world.pay(n, paid_on=date(2025, 7, 1))
    _say(world, "twice", world.payment_of(n).pk)


def _twice_across(world: World, n: int) -> None:
    mine = world.banner_of[world.school_of(n).pk]
    other = next(pk for pk in world.batches if pk != mine.pk)
    again = world.pay(n, banner=Unit.objects.get(pk=other))
    _say(world, "twice", world.payment_of(n).pk)
    _say(world, "twice", again.pk)


def _short(world: World, n: int) -> None:
    _say(world, "amount", _changed(world, n, amount=Decimal("312.49")))


def _over(world: World, n: int) -> None:
    _say(world, "amount", _changed(world, n, amount=Decimal("625.00")))


def _strange_card(world: World, n: int) -> None:
    _say(world, "account.holder", _changed(world, n, card_holder="王小二"))


def _shared_card(world: World, n: int) -> None:
    """Four children of one school on the card of the first."""
    card = UUID(int=2 * 10**9 + n)
    for one in (n, n + 1, n + 2, n + 3):
        _changed(world, one, card_index=card)
    _say(world, "account.shared", world.payment_of(n).pk)


def _unknown(world: World, n: int) -> None:
    pk = world.pay(n, student=None, id_number_index=UUID(int=3 * 10**9 + n)).pk
    _say(world, "identity.unknown", pk)


def _named_otherwise(world: World, n: int) -> None:
    _say(world, "identity.name", _changed(world, n, name="巴图"))


def _early(world: World, n: int) -> None:
    _say(world, "before", _changed(world, n, paid_on=date(2025, 3, 10)))


def _late(world: World, n: int) -> None:
    _changed(world, n, paid_on=LATE)
    _say(world, f"late.{world.programme.pk}", world.school_of(n).pk)


def _changed(world: World, n: int, **facts) -> int:
    one = world.payment_of(n)
    Payment.objects.filter(pk=one.pk).update(**facts)
    return one.pk
