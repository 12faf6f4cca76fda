"""How lists of units look, and what their files hold. The portal's own keys are never shown."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.templatetags.ax import icon
from registry.models import Unit
from registry.units_filters import UnitFilter


class UnitTable(tables.Table):
    name = tables.Column(
        verbose_name=_("名称"), linkify=True, order_by=("sort_no", "sort_key", "pk")
    )
    kind = tables.Column(orderable=False)
    parent_name = tables.Column(verbose_name=_("上级"), orderable=False)
    zone_name = tables.Column(verbose_name=_("托管"), orderable=False)
    official_code = tables.Column(verbose_name=_("官方代码"), orderable=False)
    reports_education = tables.Column(verbose_name=_("报送教育数据"), orderable=False)

    exports = True

    class Meta:
        empty_text = _("没有单位")
        model = Unit
        fields = ()
        sequence = (
            "name",
            "kind",
            "parent_name",
            "zone_name",
            "official_code",
            "reports_education",
        )
        attrs = {"aria-label": _("单位名录")}

    def render_reports_education(self, value):
        return format_html("{} {}", icon("check"), gettext("报送")) if value else "—"

    def value_reports_education(self, value):
        return gettext("报送") if value else ""


def directory(user, query) -> tuple[UnitFilter, UnitTable]:
    """The filter and the table of the units that a person may see."""
    found = UnitFilter(query, user=user, today=clock.today())
    return found, UnitTable(found.qs, order_by=query.getlist("sort"))
