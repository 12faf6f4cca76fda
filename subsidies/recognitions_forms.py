"""Shapes and words of what is done to a recognition and a notice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Category, Unit
from registry.students_forms import day, words
from subsidies.deed_forms import PICK, Seen, from_rows, one_of, picked, reason
from subsidies.models import Level

NO_GROUP = _("不是特殊群体")


def group():
    return one_of(_("特殊群体类别"), Category.choices, empty=NO_GROUP, required=False)


def promise():
    return forms.BooleanField(
        label=_("收到监护人的书面承诺"),
        required=False,
        help_text=_("承诺代替盖章的证明，没有承诺不能认定。"),
    )


class ApplyForm(Seen):
    """The family asks for it."""

    school = from_rows(_("学校"))
    term = forms.ChoiceField(label=_("学年学期"), error_messages=PICK)
    applied_on = day(_("申请日期"))
    group = group()
    has_promise = promise()
    remark = words(_("备注"), 200, help_text=_("不写号码、住址。"))

    def __init__(self, *args, terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = terms


class AgreeForm(Seen):
    """What the school's group decided."""

    level = picked(_("困难等级"), Level.choices)
    group = group()
    recognised_on = day(_("认定日期"))
    has_promise = promise()


class WhyForm(Seen):
    reason = reason()


class AdjustForm(Seen):
    level = picked(_("改成哪一级"), Level.choices)
    group = group()
    on = day(_("从哪天起"))
    reason = reason(_("调整的原因"))


class EndForm(Seen):
    on = day(_("从哪天起不再是困难学生"))
    reason = reason(_("取消的原因"))


class ClassForm(Seen):
    """What the group decided about a whole class, on one day."""

    on = day(_("认定日期"))


class ChildForm(forms.Form):
    """One child of the class: no level, nothing is written of it."""

    level = forms.ChoiceField(
        label=_("等级"), choices=[("", "—"), *Level.choices], required=False, error_messages=PICK
    )
    group = group()
    has_promise = forms.BooleanField(label=_("承诺"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class PutUpForm(forms.Form):
    """Whom a notice tells; all who wait are ticked."""

    recognitions = forms.TypedMultipleChoiceField(
        label=_("公示哪些学生"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages=PICK | {"required": _("至少选一名学生")},
    )

    def __init__(self, *args, waiting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["recognitions"].choices = waiting


class WhereForm(forms.Form):
    """Of which school and term."""

    school = forms.ModelChoiceField(
        label=_("学校"), queryset=Unit.objects.none(), empty_label=PICK["required"]
    )
    term = forms.ChoiceField(label=_("学年学期"), required=False)

    def __init__(self, *args, schools, terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools
        self.fields["term"].choices = terms
