"""The log as the auditor sees it: what it can be narrowed by, what it shows, its export."""

from datetime import datetime, time, timedelta

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from common import audit, subjects
from common.exports import exportable
from common.forms.days import DayFilter
from common.models import Event
from common.templatetags.ax import cntime, status

CODE = "common.events"


def _midnight(day):
    """A moment, so that the index on the time of the event serves."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _day(label):
    return DayFilter(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class EventFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("对象、来自、请求号"), method="search")
    actor = django_filters.CharFilter(label=_("谁（姓名或用户名）"), lookup_expr="icontains")
    verb = django_filters.ChoiceFilter(label=_("做了什么"), choices=lambda: audit.verb_choices())
    subject_code = django_filters.ChoiceFilter(
        label=_("对象类别"), choices=lambda: subject_choices()
    )
    outcome = django_filters.ChoiceFilter(label=_("结果"), choices=Event.Outcome.choices)
    since = _day(_("自"))
    until = _day(_("至"))

    class Meta:
        model = Event
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["since"].method = "from_day"
        self.filters["until"].method = "to_day"

    def search(self, queryset, name, value):
        return queryset.filter(
            Q(subject_title__icontains=value)
            | Q(subject_pk=value)
            | Q(address=value)
            | Q(request_id__iexact=value)
        )

    def from_day(self, queryset, name, value):
        return queryset.filter(at__gte=_midnight(value))

    def to_day(self, queryset, name, value):
        return queryset.filter(at__lt=_midnight(value + timedelta(days=1)))


def subject_choices():
    return sorted((s.code, str(s.label)) for s in subjects.all_subjects())


class EventTable(tables.Table):
    at = tables.Column()
    actor = tables.Column(orderable=False, empty_values=())
    verb = tables.Column()
    subject = tables.Column(verbose_name=_("对象"), accessor="subject_title", orderable=False)
    outcome = tables.Column(orderable=False)
    address = tables.Column(orderable=False, default="—")

    exports = True

    class Meta:
        empty_text = _("还没有日志")
        attrs = {"aria-label": _("日志")}
        order_by = "-at"

    def order_at(self, queryset, is_descending):
        return (
            queryset.order_by("-at", "-pk") if is_descending else queryset.order_by("at", "pk")
        ), True

    def order_verb(self, queryset, is_descending):
        first = "-verb" if is_descending else "verb"
        return queryset.order_by(first, "-at", "-pk"), True

    def render_at(self, record):
        return format_html(
            '<a href="{}">{}</a>',
            reverse("common:event-detail", args=[record.pk]),
            cntime(record.at),
        )

    def value_at(self, record):
        return record.at

    def render_actor(self, record):
        return who(record)

    def render_verb(self, value):
        return audit.verb_label(value)

    def render_subject(self, record):
        label = audit.subject_label(record.subject_code)
        if not label or label == record.subject_title:
            return record.subject_title
        return format_html("{}<small>{}</small>", record.subject_title, label)

    def value_subject(self, record):
        return f"{audit.subject_label(record.subject_code)} {record.subject_title}".strip()

    def render_outcome(self, record):
        return outcome_of(record)

    def value_outcome(self, record):
        return record.get_outcome_display()


def who(event) -> str:
    """The person; the portal itself; or somebody at the door whose failure names no one."""
    if event.actor:
        return event.actor
    return str(_("未登录的人")) if event.outcome == Event.Outcome.REFUSED else str(_("平台"))


def outcome_of(event):
    look = "err" if event.outcome == Event.Outcome.REFUSED else "passed"
    return render_to_string("components/status.html", status(look, event.get_outcome_display()))


def build(user, query):
    """The table of what is asked for; the log has no scope below the permission."""
    return EventTable(
        EventFilter(query, queryset=Event.objects.for_list()).qs, order_by=query.get("sort")
    )


exportable(CODE, title=_("日志"), permission="common.view_event", build=build)
