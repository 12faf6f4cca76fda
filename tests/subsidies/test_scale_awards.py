"""The league's size: 60,000 children, half of them in need, in a number of statements that is fixed."""

from datetime import date

import pytest

from registry.models import Enrolment, Student
from subsidies.models import Award, Recognition
from subsidies.services.awards import Expected, expect
from subsidies.services.standards import load_standards
from tests.cast import NOW
from tests.intake.rosters import make_school

pytestmark = [pytest.mark.django_db, pytest.mark.scale]

CHILDREN, TERM = 60_000, "2025/26-1"


def test_the_leagues_awards_in_one_run(east):
    load_standards()
    school = make_school("阿左旗第一小学", east)
    children = Student.objects.bulk_create(
        (Student(name="那仁") for _n in range(CHILDREN)), batch_size=2000
    )
    begun = {"school": school, "valid_from": date(2024, 9, 1)}
    Enrolment.objects.bulk_create(
        (
            Enrolment(student=one, grade="13", boards=bool(n % 4), **begun)
            for n, one in enumerate(children)
        ),
        batch_size=2000,
    )
    decided = {"unit": school, "term": TERM, "state": "FILED", "level": "A", "filed_at": NOW}
    Recognition.objects.bulk_create(
        (
            Recognition(student=one, recognised_on=date(2025, 9, 20), **decided)
            for one in children[::2]
        ),
        batch_size=2000,
    )
    assert expect(TERM, [east], NOW) == Expected(made=CHILDREN // 2)
    assert expect(TERM, [east], NOW) == Expected(unchanged=CHILDREN // 2)
    assert Award.objects.filter(amount="312.50").count() == CHILDREN // 4
