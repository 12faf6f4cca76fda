"""What became of each case of a deed on many, as the page lists it."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import status
from dropout.models import BulkLine
from dropout.services.refusals import WORDS


def told(line: BulkLine) -> str:
    """In words: done, waiting, or why not."""
    if line.settled_at is None:
        return _("还没办")
    return _("；").join(str(WORDS[code]) for code in line.refused.split(",") if code) or _("已办")


class BulkLineTable(tables.Table):
    case = tables.Column(verbose_name=gettext_lazy("个案"), order_by=("case", "pk"))
    unit = tables.Column(
        verbose_name=gettext_lazy("负责单位"),
        accessor="case__unit",
        order_by=("case__unit__sort_no", "case__unit__sort_key", "pk"),
    )
    township = tables.Column(
        verbose_name=gettext_lazy("苏木镇"),
        accessor="case__township",
        order_by=("case__township__sort_key", "pk"),
    )
    result = tables.Column(
        verbose_name=gettext_lazy("结果"), accessor="pk", order_by=("-refused", "pk")
    )

    exports = True

    class Meta:
        attrs = {"aria-label": gettext_lazy("每件的结果")}

    def render_case(self, record):
        address = record.case.get_absolute_url()
        return format_html('<a href="{}">{}</a>', address, self.value_case(record))

    def value_case(self, record):
        return f"{_('个案')} {record.case_id}"

    def render_unit(self, value):
        return value.short

    def render_township(self, value):
        return value.short

    def render_result(self, record):
        look = "todo" if record.settled_at is None else "back" if record.refused else "done"
        return render_to_string("components/status.html", status(look, told(record)))

    def value_result(self, record):
        return told(record)
