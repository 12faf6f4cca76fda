"""Two records of one child become one: nothing is lost, and an undo brings every row back."""

import pytest
from django.db import models
from django.urls import reverse

from common.crypto import blind_index
from common.models import Event, RowChange
from registry import identity
from registry.models import (
    Enrolment,
    Finding,
    Guardian,
    Identifier,
    Membership,
    OutsideList,
    Student,
    Transfer,
    Unit,
)
from registry.roles import Role
from registry.services import history
from registry.services import merging as services
from registry.services import students as deeds
from tests.cast import NOW, TODAY
from tests.intake.rosters import domain_rows, id_number
from tests.registry.roll import LAST_YEAR, THIS_YEAR, child, enrol, make_school, number

End = Enrolment.End
TABLES = (Student, Identifier, Guardian, Enrolment, Membership, Transfer)


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


class Cast:
    """A child with two records: at a school since last year, and at another since September."""

    def __init__(self, units, officer):
        self.east = units["banner-zuoqi"]
        self.school, self.other = make_school("甲校", self.east), make_school("乙校", self.east)
        self.official = officer(self.east, Role.OFFICIAL)
        self.reporter = officer(self.school, Role.SCHOOL)
        self.keep = child(1, self.school)
        self.drop = child(2, self.other, valid_from=THIS_YEAR)

    def merge(self, keep=None, drop=None):
        return services.merge_students(
            keep or self.keep, drop or self.drop, by=self.official, at=NOW
        )

    def undo(self, change_set):
        return history.undo(change_set, student=self.keep, by=self.official, at=NOW)


@pytest.fixture
def cast(units, officer):
    return Cast(units, officer)


def listed(student, *, text, unit) -> Membership:
    outside = OutsideList.objects.create(
        department="RURAL", title="名单", listed_on=TODAY, unit=unit
    )
    return Membership.objects.create(
        list=outside,
        name=student.name,
        id_number=text,
        id_number_index=blind_index(text, identity.NUMBER),
        category="POVERTY_EXIT",
        student=student,
    )


# What becomes of the parts -------------------------------------------------------------------------
def test_everything_points_at_the_record_that_stays(cast):
    member = listed(cast.drop, text=id_number(2), unit=cast.east)
    cast.merge()
    for model in (Identifier, Guardian, Enrolment):
        assert not model.objects.filter(student=cast.drop).exists(), model
    member.refresh_from_db()
    assert member.student == cast.keep
    cast.drop.refresh_from_db()
    assert cast.drop.merged_into == cast.keep
    assert not Student.objects.living().filter(pk=cast.drop.pk).exists()


def test_no_key_to_a_child_is_forgotten(cast):
    """Of every app: also those that later ones add, and those that have no name on the child's side."""
    cast.merge()
    for model in Student._meta.apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Student:
                found = model._base_manager.filter(**{field.name: cast.drop.pk})
                assert not found.exists(), f"{model._meta.label}.{field.name}"


def test_the_older_paper_of_two_ends_and_the_younger_enrolment_too(cast):
    twice = enrol(cast.drop, cast.school, valid_from=THIS_YEAR)
    cast.merge()
    current = cast.keep.identifiers.current()
    assert [one.value for one in current] == [id_number(1)]
    assert cast.keep.identifiers.get(value_index=identity.number_index(id_number(2))).valid_to
    twice.refresh_from_db()
    assert twice.end_reason == End.DOUBLE and twice.valid_to == THIS_YEAR
    assert {one.school for one in cast.keep.enrolments.filter(valid_to=None)} == {
        cast.school,
        cast.other,
    }


def test_the_record_that_stays_may_be_the_younger_one(cast):
    older = enrol(cast.drop, cast.school, valid_from=LAST_YEAR)
    Enrolment.objects.filter(student=cast.keep).update(valid_from=THIS_YEAR)
    cast.merge()
    assert Enrolment.objects.get(school=cast.school, valid_to=None) == older


def test_guardians_line_up_behind(cast):
    cast.merge()
    assert list(cast.keep.guardians.order_by("position").values_list("name", "position")) == [
        ("家长1", 1),
        ("家长2", 2),
    ]


def test_blanks_are_filled_and_nothing_is_overwritten(cast):
    deeds.change_facts(
        cast.drop, by=cast.official, at=NOW, home_address="某街1号", ethnicity="02", sex="2"
    )
    Student.objects.filter(pk=cast.keep.pk).update(sex="1")
    cast.merge()
    cast.keep.refresh_from_db()
    assert (cast.keep.home_address, cast.keep.ethnicity, cast.keep.sex) == ("某街1号", "02", "1")
    assert cast.keep.home_address_index == blind_index("某街1号", "student.home_address")


def test_one_of_two_equal_questions_is_enough(cast):
    asked = [
        Transfer.objects.create(
            student=one,
            to_school=make_school("丙校", cast.east) if n == 0 else Unit.objects.get(name="丙校"),
            grade="13",
            proposed_by=cast.official,
            proposed_at=NOW,
        )
        for n, one in enumerate((cast.keep, cast.drop))
    ]
    cast.merge()
    assert list(Transfer.objects.open()) == asked[:1]
    assert Transfer.objects.filter(student=cast.keep).count() == 2


def test_a_finding_follows_its_child(cast):
    there = {"subject_code": "registry.student", "subject_pk": str(cast.drop.pk)}
    finding = Finding.objects.create(
        rule="twice", unit=cast.east, facts_hash="0", found_at=NOW, due_on=TODAY, **there
    )
    cast.merge()
    finding.refresh_from_db()
    assert finding.subject_pk == str(cast.keep.pk)


def test_the_same_finding_on_both_stays_where_it_is(cast):
    """Open on both: it ends by itself once the record that is gone breaks no rule."""
    for one in (cast.keep, cast.drop):
        Finding.objects.create(
            rule="twice",
            subject_code="registry.student",
            subject_pk=str(one.pk),
            unit=cast.east,
            facts_hash="0",
            found_at=NOW,
            due_on=TODAY,
        )
    cast.merge()
    pks = set(Finding.objects.values_list("subject_pk", flat=True))
    assert pks == {str(cast.keep.pk), str(cast.drop.pk)}


def test_versions_grow_and_the_event_holds_no_value(cast):
    before = dict(Student.objects.values_list("pk", "version"))
    cast.merge()
    after = dict(Student.objects.values_list("pk", "version"))
    assert all(after[pk] > before[pk] for pk in (cast.keep.pk, cast.drop.pk))
    event = Event.objects.get(verb="registry.students_merged")
    said = f"{event.before}{event.after}{event.subject_title}"
    assert cast.drop.name not in said and id_number(2) not in said
    assert id_number(2) not in str(list(RowChange.objects.values_list("parts", flat=True)))


def test_a_record_is_not_merged_twice_or_with_itself(cast):
    with pytest.raises(services.SameRecord):
        cast.merge(cast.keep, cast.keep)
    cast.merge()
    with pytest.raises(services.SameRecord):
        cast.merge()


# Taking it back ------------------------------------------------------------------------------------
def test_an_undo_brings_back_every_row_byte_for_byte(cast):
    enrol(cast.drop, cast.school, valid_from=THIS_YEAR)
    deeds.change_facts(cast.drop, by=cast.official, at=NOW, home_address="某街1号")
    listed(cast.drop, text=id_number(2), unit=cast.east)
    number(cast.drop, f"G{id_number(2)}", "ROLL")
    before = domain_rows(*TABLES)
    done = cast.merge()
    assert domain_rows(*TABLES) != before
    cast.undo(done)
    assert domain_rows(*TABLES) == before
    assert cast.merge().pk != done.pk


def test_an_undo_is_whole_or_not_at_all(cast):
    done = cast.merge()
    deeds.change_facts(cast.keep, by=cast.official, at=NOW, remark="之后改过")
    stored = domain_rows(*TABLES)
    with pytest.raises(history.CannotUndo):
        cast.undo(done)
    assert domain_rows(*TABLES) == stored


# Pages ---------------------------------------------------------------------------------------------
def choose(student):
    return reverse("registry:merge-choose", args=[student.pk])


def confirm(keep, drop):
    return reverse("registry:merge-confirm", args=[keep.pk, drop.pk])


def test_the_second_record_is_found_by_number_or_by_name_and_birth(client, cast):
    client.force_login(cast.official)
    for asked in (
        {"number": f" {id_number(2).lower()}"},
        {"name": cast.drop.name, "born_on": cast.drop.born_on.isoformat()},
    ):
        reply = client.post(choose(cast.keep), asked)
        assert reply["Location"] == confirm(cast.keep, cast.drop)
    assert client.post(choose(cast.keep), {"number": id_number(9)}).status_code == 422
    assert client.post(choose(cast.keep), {"name": cast.drop.name}).status_code == 422


def test_both_stand_side_by_side_masked_and_become_one(client, cast):
    client.force_login(cast.official)
    page = client.get(confirm(cast.keep, cast.drop)).content.decode()
    assert cast.keep.name in page and cast.drop.name in page and "甲校" in page
    assert id_number(1) not in page and id_number(2) not in page and "13900000002" not in page
    reply = client.post(confirm(cast.keep, cast.drop))
    assert reply["Location"] == cast.keep.get_absolute_url()
    page = client.get(cast.keep.get_absolute_url()).content.decode()
    assert "合并学生记录" in page and "撤销" in page
    again = client.post(confirm(cast.keep, cast.drop), follow=True).content.decode()
    assert "已经合并过了" in again
    change = RowChange.objects.filter(root_pk=cast.keep.pk).latest("pk")
    client.post(reverse("registry:change-undo", args=[change.pk]))
    cast.drop.refresh_from_db()
    assert cast.drop.merged_into is None


def test_likely_records_are_offered(client, cast):
    Student.objects.filter(pk=cast.drop.pk).update(name=cast.keep.name, born_on=cast.keep.born_on)
    client.force_login(cast.official)
    assert confirm(cast.keep, cast.drop) in client.get(choose(cast.keep)).content.decode()


def test_both_records_must_be_ones_own(client, cast):
    client.force_login(cast.reporter)  # of the first school only
    assert client.get(choose(cast.keep)).status_code == 200
    assert client.post(choose(cast.keep), {"number": id_number(2)}).status_code == 422
    assert client.get(confirm(cast.keep, cast.drop)).status_code == 404
    assert client.post(confirm(cast.keep, cast.drop)).status_code == 404
    assert client.get(choose(cast.drop)).status_code == 404
    assert Student.objects.living().count() == 2
