"""Whatever children the portal holds, their form handed in again unchanged changes nothing."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from common.crypto import blind_index
from intake import kinds
from intake.columns.base import Context
from intake.forms import filled_form
from registry.models import Ethnicity, Grade, Relation, Student
from tests.cast import TODAY
from tests.intake.rosters import child, hand_in, make_school, take_in

STUDENTS = kinds.get("students")
LABELS = {
    "年级": [label for label in STUDENTS.columns["grade"].choices(None)],
    "民族": [label for label in STUDENTS.columns["ethnicity"].choices(None)],
    "与学生关系": [label for label in STUDENTS.columns["relation"].choices(None)],
}
HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
# What people type by hand into free texts, marks of our own and of Excel's among it.
FREE = st.one_of(
    st.sampled_from(["", "同上", "清空", "=1+1", "无", "-", "″", "***", " 两 头 ", "１２３", "①"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40),
)
FACTS = st.fixed_dictionaries(
    {
        "年级": st.sampled_from(LABELS["年级"]),
        "班级": st.sampled_from(["", "1班", "2", "三班", "（4）班", "蒙语班"]),
        "姓名": st.text(HAN, min_size=2, max_size=6) | st.just("Bat·Erdene"),
        "民族": st.sampled_from(["", *LABELS["民族"]]),
        "是否寄宿": st.sampled_from(["", "是", "否"]),
        "监护人": st.just("") | st.text(HAN, min_size=2, max_size=4),
        "与学生关系": st.sampled_from(["", *LABELS["与学生关系"]]),
        "监护人电话": st.sampled_from(["", "13812345678", "0483-8330000"]),
        "入学年月": st.sampled_from(["", "2022-09", "2025-09"]),
    }
)
TYPED = st.tuples(FREE, FREE, FREE)


@pytest.fixture
def official(east, officer, clock_at):
    clock_at(TODAY)
    return officer(east)


@settings(max_examples=settings.default.max_examples // 4)  # each takes a sheet in twice
@given(children=st.lists(st.tuples(FACTS, TYPED), min_size=1, max_size=6), whole=st.booleans())
def test_unchanged_it_changes_nothing(children, whole, official, east):
    with transaction.atomic():
        school = make_school("阿左旗第一小学", east)
        rows = [child(n, school, **facts) for n, (facts, _typed) in enumerate(children)]
        take_in(rows, by=official, unit=east)
        for student, (_facts, typed) in zip(Student.objects.order_by("pk"), children, strict=True):
            student.remark = typed[0]
            for name, text in zip(("home_address", "registered_address"), typed[1:], strict=True):
                setattr(student, name, text)
                index = blind_index(text, f"student.{name}") if text else None
                setattr(student, f"{name}_index", index)
            student.save()
        context = Context(user=official, permission=STUDENTS.permission, on=TODAY, unit=east)
        form = filled_form(STUDENTS, context, reason="核对" if whole else "")
        file = ContentFile(form.content, name=form.name)
        _upload, preview = hand_in(file, by=official, unit=east)
        assert not preview.faults, [(f.code, f.header, f.params) for f in preview.faults]
        assert not preview.changes, preview.changes
        assert preview.counts["unchanged"] == preview.counts["rows"] == len(rows)
        transaction.set_rollback(True)


def test_every_stored_word_has_a_cell_that_means_it():
    """The labels of codes are what drop-downs offer; each reads back as its code."""
    context = Context(user=None, permission="", on=date(2025, 10, 13))
    for name, codes in (("ethnicity", Ethnicity), ("relation", Relation), ("grade", Grade)):
        column = STUDENTS.columns[name]
        read = column.reader(context)
        assert [read(column.excel(code.value)) for code in codes] == [code.value for code in codes]
