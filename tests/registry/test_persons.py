"""Our children and an outside list, put before the matcher."""

from datetime import date

import pytest

from registry import identity
from registry.matching import Ground, Note, Part
from registry.models import Guardian, Membership, OutsideList, Student, Unit
from registry.services import matches, persons
from tests.cast import TODAY
from tests.children import id_number, make_child

pytestmark = pytest.mark.django_db
NUMBER, MOTHERS = id_number(1), id_number(2, "19850101")
WRONG = NUMBER[:16] + str((int(NUMBER[16]) + 1) % 10) + NUMBER[17:]


def listed(east, *, number="", **over) -> Membership:
    one, _new = OutsideList.objects.get_or_create(
        department="RURAL", title="名单", listed_on=TODAY, unit=east
    )
    facts = {"name": "那仁", "id_number": number, "category": "POVERTY_EXIT", **over}
    facts["id_number_index"] = identity.number_index(number)
    return Membership.objects.create(list=one, **facts)


def compared():
    return persons.matched(
        persons.of_members(Membership.objects.all()),
        persons.of_students(Student.objects.living(), TODAY),
        matches.remembered(),
        left_numbers=persons.numbers_of_members,
        right_numbers=persons.numbers_of_students,
    )


def test_a_member_with_the_childs_number_is_the_child(east):
    child, member = make_child(number=NUMBER), listed(east, number=NUMBER)
    assert [(one.left.key, one.right.key) for one in compared().exact] == [(member.pk, child.pk)]


def test_a_mistyped_number_on_the_list_is_suggested(east):
    child = make_child(number=NUMBER, born_on=date(2015, 9, 1))
    listed(east, number=WRONG)
    pair = compared().suggestions[0]
    assert (pair.right.key, pair.ground) == (child.pk, Ground.MISTYPED)
    assert {part for part, how in pair.parts if how == "AGREES"} == {Part.NAME, Part.BIRTH}


def test_the_child_beside_a_guardian_counts(east):
    child = make_child()
    Guardian.objects.create(
        student=child, id_number=MOTHERS, id_number_index=identity.number_index(MOTHERS)
    )
    listed(east, number=MOTHERS, name="苏和", child_name="那仁")
    pair = compared().suggestions[0]
    assert (pair.right.key, pair.ground, pair.notes) == (child.pk, Ground.GUARDIAN, ())


def test_a_child_of_another_name_beside_its_guardian_is_nobody(east):
    child = make_child("乌云")
    Guardian.objects.create(
        student=child, id_number=MOTHERS, id_number_index=identity.number_index(MOTHERS)
    )
    listed(east, number=MOTHERS, name="苏和", child_name="那仁")
    found = compared()
    assert not found.suggestions and len(found.alone) == 1


def test_a_village_counts_as_its_township(units):
    township = Unit.objects.of_kinds((Unit.Kind.TOWNSHIP,)).first()
    village = Unit.objects.filter(above__ancestor=township, kind=Unit.Kind.VILLAGE).first()
    make_child(residence=village or township, born_on=TODAY)
    assert persons.of_students(Student.objects.all(), TODAY)[0].township_id == township.pk


def test_exact_numbers_are_told_without_reading_any(east, django_assert_num_queries):
    for n in range(3):
        make_child(number=id_number(n))
        listed(east, number=id_number(n))
    with django_assert_num_queries(6):
        assert len(compared().exact) == 3


def test_nobody_is_compared_who_was_merged(east):
    one = make_child(number=NUMBER)
    make_child(number=id_number(3), merged_into=one)
    assert len(persons.of_students(Student.objects.living(), TODAY)) == 1
    assert Note.SEVERAL not in {note for pair in compared().exact for note in pair.notes}
