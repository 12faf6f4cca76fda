"""What is done to one child by hand: each deed is recorded, told without values, and undone."""

from datetime import date, timedelta

import pytest

from common import figures
from common.models import ChangeSet, Event
from registry.models import Enrolment, Guardian, Identifier, Student
from registry.services import history, students
from tests.cast import NOW, TODAY
from tests.children import give_guardian, give_number, id_number, make_child, make_school


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def child(school):
    return make_child("那仁", school, id_number(1))


@pytest.fixture
def official(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


@pytest.fixture
def touched(monkeypatch):
    """The codes of figures that deeds say they moved."""
    codes = set()
    monkeypatch.setattr(
        figures, "_listeners", [lambda code, units, periods: codes.add(code) if units else None]
    )
    return codes


def stored(child) -> list:
    """All rows of a child as the database holds them, but for versions."""
    models = (Student, Identifier, Guardian, Enrolment)
    rows = []
    for model in models:
        own = {"pk": child.pk} if model is Student else {"student": child}
        for row in model.objects.filter(**own).order_by("pk").values():
            row.pop("version", None)
            rows.append(row)
    return rows


def undo_last(child, by):
    history.undo(ChangeSet.objects.latest("pk"), student=child, by=by, at=NOW)


# Facts -------------------------------------------------------------------------------------------------
def test_facts_are_changed_recorded_and_undone(official, child):
    Student.objects.update(source_upload=3, source_sheet=1, source_row=9)
    before = stored(child)
    changed = students.change_facts(
        child, by=official, at=NOW, name="那日苏", sex="1", home_address="和平路1号"
    )
    assert (changed.name, changed.sex, changed.version) == ("那日苏", "1", 2)
    assert changed.home_address == "和平路1号" and changed.home_address_index
    assert changed.source_upload is None, "a person wrote it"
    event = Event.objects.get(verb="registry.student_changed")
    assert event.after == {"fields": ["home_address", "name", "sex"]}
    undo_last(child, official)
    assert stored(child) == before


def test_what_is_the_same_changes_nothing(official, child):
    students.change_facts(child, by=official, at=NOW, name="那仁", sex="")
    child.refresh_from_db()
    assert child.version == 1 and not ChangeSet.objects.exists()
    assert not Event.objects.filter(verb="registry.student_changed").exists()


def test_who_was_overtaken_overwrites_nothing(official, child):
    students.change_facts(child, by=official, at=NOW, remark="先改的")
    with pytest.raises(students.Stale):
        students.change_facts(child, by=official, at=NOW, seen=1, remark="后改的")
    child.refresh_from_db()
    assert child.remark == "先改的"


# Numbers -----------------------------------------------------------------------------------------------
def test_a_corrected_number_ends_the_old_one(official, child):
    before = stored(child)
    students.correct_number(child, kind="1", number=id_number(2), on=TODAY, by=official, at=NOW)
    old, new = child.identifiers.order_by("pk")
    assert (old.value, old.valid_to) == (id_number(1), TODAY - timedelta(days=1))
    assert (new.value, new.valid_from, new.valid_to) == (id_number(2), TODAY, None)
    told = str(Event.objects.get(verb="registry.number_corrected").after)
    assert id_number(1) not in told and id_number(2) not in told
    undo_last(child, official)
    assert stored(child) == before


def test_a_passport_takes_the_place_of_a_card_and_not_of_the_roll_number(official, child):
    give_number(child, "G" + id_number(1), kind="ROLL")
    students.correct_number(child, kind="A", number="E12345678", on=TODAY, by=official, at=NOW)
    current = child.identifiers.current().values_list("kind", flat=True)
    assert set(current) == {"A", "ROLL"}


def test_another_child_s_number_is_refused(official, child, school):
    make_child("巴图", school, id_number(2))
    with pytest.raises(students.NumberTaken):
        students.correct_number(child, kind="1", number=id_number(2), on=TODAY, by=official, at=NOW)
    assert child.identifiers.get().valid_to is None and not ChangeSet.objects.exists()


# Guardians ---------------------------------------------------------------------------------------------
def test_guardians_are_added_changed_and_undone(official, child):
    before = stored(child)
    facts = {"name": "乌云", "relation": "MOTHER", "phone": "13904830001", "id_number": ""}
    mother = students.keep_guardian(child, by=official, at=NOW, **facts)
    father = students.keep_guardian(child, by=official, at=NOW, name="巴图", relation="FATHER")
    assert (mother.position, father.position) == (1, 2)
    students.keep_guardian(child, mother, by=official, at=NOW, phone="13904830002")
    mother.refresh_from_db()
    assert mother.phone == "13904830002" and mother.name == "乌云"
    for _deed in range(3):
        last = ChangeSet.objects.filter(undone_at=None).latest("pk")
        history.undo(last, student=child, by=official, at=NOW)
    assert stored(child) == before


# Enrolments --------------------------------------------------------------------------------------------
def test_a_second_school_is_entered_and_undone(official, child, east, touched):
    before = stored(child)
    second = make_school("左旗二小", east)
    facts = {"school": second, "grade": "13", "class_name": "2班", "on": TODAY}
    students.open_enrolment(child, by=official, at=NOW, **facts)
    assert child.enrolments.count() == 2 and "registry.enrolled" in touched
    with pytest.raises(students.AlreadyThere):
        students.open_enrolment(child, by=official, at=NOW, **facts)
    undo_last(child, official)
    assert stored(child) == before


def test_a_grade_is_corrected_and_moves_the_figures(official, child, touched):
    enrolment = child.enrolments.get()
    students.change_enrolment(enrolment, by=official, at=NOW, class_name="3班")
    assert not touched
    students.change_enrolment(enrolment, by=official, at=NOW, grade="14")
    assert {"registry.enrolled", "registry.enrolled_compulsory"} <= touched
    enrolment.refresh_from_db()
    assert (enrolment.grade, enrolment.class_name) == ("14", "3班")


def test_an_end_is_dated_and_the_school_keeps_the_child(official, child, school, touched):
    before = stored(child)
    enrolment = child.enrolments.get()
    students.end_enrolment(enrolment, on=TODAY, reason="LEFT", by=official, at=NOW)
    child.refresh_from_db()
    enrolment.refresh_from_db()
    assert (enrolment.valid_to, enrolment.end_reason) == (TODAY, "LEFT")
    assert child.kept_by == school and "registry.enrolled" in touched
    undo_last(child, official)
    assert stored(child) == before


def test_no_end_before_the_beginning(official, child):
    with pytest.raises(students.TooEarly):
        students.end_enrolment(
            child.enrolments.get(), on=date(2025, 8, 31), reason="LEFT", by=official, at=NOW
        )


def test_an_older_deed_waits_for_the_later_one(official, child):
    students.change_facts(child, by=official, at=NOW, remark="一")
    first = ChangeSet.objects.latest("pk")
    students.change_facts(child, by=official, at=NOW, remark="二")
    with pytest.raises(history.CannotUndo) as refused:
        history.undo(first, student=child, by=official, at=NOW)
    assert refused.value.code == "edited_since"
    undo_last(child, official)
    history.undo(first, student=child, by=official, at=NOW)
    with pytest.raises(history.CannotUndo):
        history.undo(first, student=child, by=official, at=NOW)


# Pages -------------------------------------------------------------------------------------------------
def post(client, address, **posted):
    return client.post(address, posted)


def test_the_forms_do_their_deeds(client, official, child, east):
    base = child.get_absolute_url()
    second = make_school("左旗二小", east)
    assert (
        post(client, f"{base}edit/", name="那 日苏", sex="1", residence=east.pk).status_code == 302
    )
    assert post(client, f"{base}number/", kind="1", number=id_number(3)).status_code == 302
    guardian = {"name": "乌云", "relation": "MOTHER", "phone": "139 0483 0001"}
    assert post(client, f"{base}guardians/new/", **guardian).status_code == 302
    facts = {"school": second.pk, "grade": "14", "boards": "1", "on": "2025-10-01"}
    assert post(client, f"{base}enrol/", **facts).status_code == 302
    child.refresh_from_db()
    assert (child.name, child.sex, child.residence) == ("那日苏", "1", east)
    assert child.guardians.get().phone == "13904830001"
    new = child.enrolments.get(school=second)
    assert (new.grade, new.boards) == ("14", True)
    assert post(client, f"/enrolments/{new.pk}/edit/", grade="15").status_code == 302
    end = {"on": "2025-10-13", "reason": "DOUBLE"}
    assert post(client, f"/enrolments/{new.pk}/end/", **end).status_code == 302
    new.refresh_from_db()
    assert (new.grade, new.end_reason) == ("15", "DOUBLE")
    assert client.get(f"/enrolments/{new.pk}/end/").status_code == 404, "what is over is history"


@pytest.mark.parametrize(
    "address, posted, said",
    [
        ("edit/", {"name": ""}, "这里要填"),
        ("number/", {"kind": "1", "number": "152921201509010011"}, "居民身份证号不对"),
        ("number/", {"kind": "ROLL", "number": "X1"}, "学籍号不对"),
        ("number/", {"kind": "1", "number": id_number(9)}, "另一名学生的"),
        ("guardians/new/", {"name": "乌云", "phone": "12"}, "手机写 11 位"),
        ("enrol/", {"school": "", "grade": "13", "on": "2025-10-01"}, "选一所学校"),
        ("edit/", {"name": "那仁", "seen": "0"}, "别人刚改过"),
    ],
)
def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    client, official, child, school, address, posted, said
):
    make_child("巴图", school, id_number(9))
    answer = client.post(child.get_absolute_url() + address, posted)
    assert answer.status_code == 422 and said in answer.content.decode()
    child.refresh_from_db()
    assert child.version == 1


def test_masked_values_are_not_in_the_forms(client, official, child):
    guardian = give_guardian(child, phone="13904830001", number=id_number(7, "19850101"))
    Student.objects.update(**students.sealed(Student, {"home_address": "和平路1号"}))
    edit, relative = f"{child.get_absolute_url()}edit/", f"/guardians/{guardian.pk}/edit/"
    for address in (edit, relative):
        page = client.get(address).content.decode()
        assert "13904830001" not in page and "和平路" not in page
        assert "隐去的时候不能改" in page
    client.post(edit, {"name": "那仁", "sex": "1"})
    client.post(relative, {"name": "乌云高娃"})
    child.refresh_from_db()
    guardian.refresh_from_db()
    assert child.home_address == "和平路1号" and guardian.phone == "13904830001"
    client.post(f"{child.get_absolute_url()}unmask/", {"reason": "CHECK"})
    assert "和平路1号" in client.get(edit).content.decode()
    assert "13904830001" in client.get(relative).content.decode()


def test_a_school_ends_its_own_enrolment_of_a_child_that_another_holds(
    client, officer, west, child
):
    later = make_school("额旗小学", west)
    here = Enrolment.objects.create(student=child, school=later, grade="13", valid_from=TODAY)
    client.force_login(officer(west))
    end = {"on": "2025-10-13", "reason": "DOUBLE"}
    assert post(client, f"/enrolments/{here.pk}/end/", **end).status_code == 302
    kept = child.enrolments.exclude(pk=here.pk).get()
    assert client.get(f"/enrolments/{kept.pk}/end/").status_code == 404
