"""A class in a month: a tick for each child that is away, and since when."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms.days import DayField
from dropout.models import AttendanceLine
from dropout.services import attendance
from dropout.services.attendance import Told
from registry.students_forms import DAY, OFF

LATE = _("晚于这个月的最后一天，或在今天以后")


class ClassForm(forms.Form):
    """`children`: the enrolments of a class; `lines`: what is said of them already; `before`: who was
    away at the end of the month before, of whom nothing is said yet."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, children, lines, before, last_day: date):
        super().__init__(data, initial={"seen": attendance.seen_of(lines.values())})
        self.children, self.last_day = children, last_day
        for one in children:
            pk = one.student_id
            self._add_child(pk, lines.get(pk) or before.get(pk))

    def _add_child(self, pk: int, line: AttendanceLine | None) -> None:
        told = line or AttendanceLine(is_present=True)
        self.fields[f"away-{pk}"] = forms.BooleanField(
            label=_("不在校"), required=False, initial=not told.is_present
        )
        self.fields[f"since-{pk}"] = DayField(
            label=_("从哪天起"), required=False, widget=DAY, initial=told.absent_since
        )
        for name, label, value in (
            ("cause", _("原因"), told.cause),
            ("where", _("去向"), told.whereabouts),
        ):
            self.fields[f"{name}-{pk}"] = forms.CharField(
                label=label,
                max_length=100,
                required=False,
                initial=value,
                widget=forms.TextInput(attrs=OFF),
            )

    def rows(self) -> list[tuple]:
        """(enrolment, tick, since, cause, whereabouts) of each child."""
        return [
            (
                one,
                *(self[f"{name}-{one.student_id}"] for name in ("away", "since", "cause", "where")),
            )
            for one in self.children
        ]

    def clean(self):
        for one in self.children:
            name = f"since-{one.student_id}"
            if not self.cleaned_data.get(f"away-{one.student_id}") or name in self.errors:
                continue
            since = self.cleaned_data.get(name)
            if since is None:
                self.add_error(name, _("填第一天没到校的日期"))
            elif since > self.last_day:
                self.add_error(name, LATE)

    def told(self) -> dict[int, Told]:
        return {one.student_id: self._told(one.student_id) for one in self.children}

    def _told(self, pk: int) -> Told:
        """What stands in the fields of a child that is there was of another month: it goes."""
        said = self.cleaned_data
        if not said[f"away-{pk}"]:
            return Told()
        return Told(
            False,
            said[f"since-{pk}"],
            said[f"cause-{pk}"].strip(),
            said[f"where-{pk}"].strip(),
        )
