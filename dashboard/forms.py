"""What a comparison is asked for; all of it lives in the address."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.charts import SERIES_MOST
from registry.models import Unit
from tasks_app.models import Indicator

FIRST_YEAR = 2000


class Comparison(forms.Form):
    indicator = forms.ModelChoiceField(Indicator.objects.none(), label=_("指标"))
    unit = forms.MultipleChoiceField(
        label=_("单位"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选就是全盟和头三个单位；图里最多画 4 条线，表里都有。"),
    )
    since = forms.IntegerField(label=_("从哪年"), required=False)
    until = forms.IntegerField(label=_("到哪年"), required=False)

    def __init__(self, data, *, user, on: date):
        super().__init__(data if data.get("indicator") or data.get("unit") else None)
        self.fields["indicator"].queryset = Indicator.objects.visible_to(user).for_list()
        self.fields["indicator"].label_from_instance = lambda one: f"{one.code} {one.name}"
        self.numbered = list(Unit.objects.with_numbers(on))
        self.fields["unit"].choices = [(str(unit.pk), unit.short) for unit in self.numbered]
        for name in ("since", "until"):
            self.fields[name].min_value, self.fields[name].max_value = FIRST_YEAR, on.year
            self.fields[name].widget.attrs = {"min": FIRST_YEAR, "max": on.year}
        self.on = on

    def clean(self):
        data = super().clean()
        since, until = data.get("since"), data.get("until")
        for name, year in (("since", since), ("until", until)):
            if year is not None and not FIRST_YEAR <= year <= self.on.year:
                self.add_error(name, _("写 2000 年到今年之间的一年。"))
        if since and until and since > until:
            self.add_error("until", _("到哪年要不早于从哪年。"))
        return data

    @property
    def good(self) -> dict:
        """What can be used of it: a chart is drawn even where a part of its address is odd."""
        self.full_clean()
        return self.cleaned_data if self.is_bound else {}

    @property
    def years(self) -> tuple[int, int] | None:
        if not self.is_bound:
            return None
        return self.good.get("since") or FIRST_YEAR, self.good.get("until") or self.on.year

    @property
    def units_or_all(self) -> list[Unit]:
        chosen = set(self.good.get("unit") or ())
        named = [unit for unit in self.numbered if str(unit.pk) in chosen]
        return named or self.numbered[:SERIES_MOST]
