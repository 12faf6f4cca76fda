"""Shapes and words of the look after payment."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.students_forms import day, words
from subsidies.deed_forms import PICK, MoneyField, Seen, from_rows, picked
from subsidies.models import SampleItem
from subsidies.services.sampling import MOST_EACH

RANGE = _("填 1 到 100 的整数")


class DrawForm(Seen):
    """What is drawn from. A seed that is left empty is drawn too."""

    unit = from_rows(_("单位"))
    term = forms.ChoiceField(label=_("学年学期"), error_messages=PICK)
    programme = from_rows(_("资助项目"), required=False, empty_label=_("全部项目"))
    per_school = forms.IntegerField(
        label=_("每校抽几笔"),
        min_value=1,
        max_value=MOST_EACH,
        initial=5,
        help_text=_("不到这么多的学校全部抽到。"),
        error_messages={
            "required": RANGE,
            "invalid": RANGE,
            "min_value": RANGE,
            "max_value": RANGE,
        },
    )
    seed = forms.IntegerField(
        label=_("随机种子"),
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text=_("可不填，由平台随机给；记下来，同样的种子抽到同样的人。"),
        error_messages={
            "invalid": _("这里要填整数"),
            "min_value": _("这里要填整数"),
            "max_value": _("数太大"),
        },
    )

    def __init__(self, *args, terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = terms


class ResultForm(Seen):
    """What was heard of one payment."""

    how = picked(_("怎么核的"), SampleItem.How.choices)
    on = day(_("核实日期"))
    result = picked(_("结果"), SampleItem.Result.choices)
    received = MoneyField(
        label=_("实收金额（元）"), required=False, help_text=_("金额不符的才填。")
    )
    note = words(_("说明"), 200, help_text=_("不写号码、住址。"))
