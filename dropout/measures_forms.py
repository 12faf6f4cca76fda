"""Shapes and words of steps, documents, placements, lessons, watches and closings."""

from django import forms
from django.utils.translation import gettext_lazy as _

from dropout.cases_forms import Seen, from_rows, one_of, picked, several_lines
from dropout.models import (
    APPROVED,
    AT_SCHOOL,
    NoticeKind,
    NoticeTemplate,
    PlacementKind,
    ServedBy,
    StepKind,
    WatchAnswer,
)
from registry.models import Grade
from registry.students_forms import choice, day, words

TAKEN, SKIPPED = "TAKEN", "SKIPPED"


def count(label, *, most=2000):
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        error_messages={"required": _("这里要填数字"), "invalid": _("这里要填数字")},
    )


class StepForm(Seen):
    asked_for = {
        "taken_on": ("done", [TAKEN]),
        "legal_basis": ("done", [TAKEN]),
        "note": ("done", [TAKEN]),
        "skipped_because": ("done", [SKIPPED]),
    }
    kind = picked(_("步骤"), StepKind.choices)
    done = picked(_("怎么办"), [(TAKEN, _("办理")), (SKIPPED, _("跳过这一步"))])
    taken_on = day(_("办理日期"), required=False)
    legal_basis = words(_("法律依据"), 300, help_text=_("由工作人员写，平台不代写。"))
    note = several_lines(_("说明"), 500)
    skipped_because = words(_("跳过原因"), 200, help_text=_("跳过时要写。"))

    def clean(self):
        asked = self.cleaned_data
        if (
            asked.get("done") == TAKEN
            and not asked.get("taken_on")
            and "taken_on" not in self.errors
        ):
            self.add_error("taken_on", _("这里要填日期"))
        if asked.get("done") == SKIPPED and not asked.get("skipped_because"):
            self.add_error("skipped_because", _("跳过要写原因"))


class NoticeForm(Seen):
    kind = one_of(_("文书种类"), NoticeKind.choices)
    step = from_rows(_("属于哪一步"), required=False, empty_label=_("不属于四步"))
    template = forms.ModelChoiceField(
        label=_("模板"),
        queryset=NoticeTemplate.objects.none(),
        required=False,
        empty_label=_("平台自带的文字"),
    )
    number = words(_("文号"), 60, required=True)
    issued_on = day(_("发文日期"))
    issuer = words(_("发文机关"), 80, required=True)
    addressee = words(_("送达对象"), 60, required=True)
    deadline = day(_("期限"), required=False)
    legal_basis = words(_("法律依据"), 300, help_text=_("空着就用模板里写好的；平台不代写。"))

    def clean(self):
        asked = self.cleaned_data
        template = asked.get("template")
        if template and asked.get("kind") and template.kind != asked["kind"]:
            self.add_error(
                "template",
                _("这个模板是“%(kind)s”的。") % {"kind": template.get_kind_display()},
            )


class ServeForm(Seen):
    served_on = day(_("送达日期"))
    served_by = picked(_("送达方式"), ServedBy.choices)
    witness = words(_("见证人"), 60, help_text=_("留置送达要有见证人。"))
    result = several_lines(_("送达结果"), 300)

    def clean(self):
        asked = self.cleaned_data
        if asked.get("served_by") == ServedBy.LEFT and not asked.get("witness"):
            self.add_error("witness", _("留置送达要写见证人"))


class PlaceForm(Seen):
    """Which fields are asked for depends on the kind; the deed says which is missing."""

    asked_for = dict.fromkeys(("school", "grade", "class_name"), ("kind", list(AT_SCHOOL))) | (
        dict.fromkeys(("authority", "document_number", "ends_on"), ("kind", list(APPROVED)))
    )
    kind = one_of(_("安置方式"), PlacementKind.choices)
    began_on = day(_("安置日期"))
    school = from_rows(
        _("就读学校"),
        required=False,
        empty_label=_("不在校"),
        help_text=_("在校的要选学校、年级和班。"),
    )
    grade = choice(_("年级"), Grade.choices)
    class_name = words(_("班级"), 30)
    authority = words(_("批准机关"), 80, help_text=_("延缓入学、休学要写批准机关、文号和期满日。"))
    document_number = words(_("批准文号"), 60)
    ends_on = day(_("批准期满日"), required=False, help_text=_("过了这天，个案自己回到名单上。"))
    note = several_lines(_("说明"), 300)


class AttendForm(Seen):
    on = day(_("核实在校日期"))
    note = words(_("核实情况"), 200, help_text=_("谁、怎样看到学生在班里。"))


class PlanForm(Seen):
    valid_from = day(_("从哪天起"))
    lessons_a_month = count(_("每月次数"), most=60)
    minutes = count(_("每次分钟"), most=600)
    content = words(_("内容安排"), 300)
    assessed_on = day(_("专家委员会评估日期"), required=False)
    disability = words(
        _("残疾类别和等级"), 60, help_text=_("评估结果只用于教育和康复。加密保存，空着就不改。")
    )


class LessonForm(Seen):
    on = day(_("送教日期"))
    teacher = words(_("教师"), 60, required=True)
    minutes = count(_("分钟"), most=600)
    content = words(_("内容"), 300)
    guardian_signed = forms.BooleanField(label=_("监护人已签字"), required=False)
    note = words(_("备注"), 200)


class WatchForm(forms.Form):
    answer = picked(_("这名学生现在在不在校"), WatchAnswer.choices)
    note = words(_("说明"), 200)


class CorrectWatchForm(Seen):
    answer = picked(_("当时在不在校"), WatchAnswer.choices)
    reason = several_lines(
        _("为什么更正"), 200, required=True, help_text=_("和原来的回答一起留在经过里。")
    )


class AskClosingForm(Seen):
    proof = several_lines(
        _("销号依据"),
        500,
        required=True,
        help_text=_("凭什么认定已经稳定就学。加密保存。由另一个人审核。"),
    )


class DecideForm(Seen):
    accepted = picked(_("审核"), [("1", _("同意销号")), ("0", _("不同意"))])
    note = several_lines(_("意见"), 300, help_text=_("不同意时要写。"))

    def clean_accepted(self):
        return self.cleaned_data["accepted"] == "1"

    def clean(self):
        asked = self.cleaned_data
        if asked.get("accepted") is False and not asked.get("note"):
            self.add_error("note", _("不同意要写意见"))
