"""A day as people type it, within the years that calendars and periods can reckon with."""

from datetime import date

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = date(1950, 1, 1), date(2100, 12, 31)


class DayField(forms.DateField):
    default_error_messages = {
        "invalid": _("日期写成 2025-10-13"),
        "too_far": _("年份要在 %(first)s 到 %(last)s 之间。"),
    }

    def validate(self, value):
        super().validate(value)
        if value is not None and not EARLIEST <= value <= LATEST:
            years = {"first": EARLIEST.year, "last": LATEST.year}
            raise ValidationError(self.error_messages["too_far"], code="too_far", params=years)


class DayFilter(django_filters.DateFilter):
    field_class = DayField
