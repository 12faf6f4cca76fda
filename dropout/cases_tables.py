"""How lists of cases look. No cause stands in them, and no number: a file may travel."""

import django_tables2 as tables
from django.db.models import F
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.data import TableQuerysetData

from common import clock
from common.templatetags.ax import due, status
from dropout.cases_filters import EpisodeFilter
from dropout.models import Episode, State
from registry.models import Unit
from registry.services import searches
from registry.students_filters import UNMASK
from registry.students_tables import shown_name

CHANGE = "dropout.change_case"
CHUNK = 1000
NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}
# state -> (code of the look, as common.templatetags.ax knows it)
LOOKS = {
    State.SUSPECTED: "warn",
    State.VERIFYING: "busy",
    State.CONFIRMED: "err",
    State.PERSUADING: "busy",
    State.PLACED: "sent",
    State.WATCHED: "wait",
    State.RULED_OUT: "off",
    State.CLOSED: "done",
    State.LEFT_AGAIN: "back",
}


def state_shown(episode: Episode) -> str:
    look = status(LOOKS[episode.state], episode.get_state_display())
    return render_to_string("components/status.html", look)


class InChunks(TableQuerysetData):
    """A file of many cases is read a thousand at a time."""

    def __iter__(self):
        return self.data.iterator(chunk_size=CHUNK)


class EpisodeTable(tables.Table):
    """`ticks`: the units whose cases the person may arrange many at once, and so ticks some of."""

    student = tables.Column(
        verbose_name=gettext_lazy("学生"),
        accessor="case__student__name",
        order_by=("case__student__name", "pk"),
    )
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), order_by=("state", "state_since", "pk")
    )
    place = tables.Column(
        verbose_name=gettext_lazy("苏木镇、学校"),
        accessor="pk",
        order_by=("case__township__sort_key", "case__school__sort_key", "pk"),
    )
    unit = tables.Column(
        verbose_name=gettext_lazy("负责单位"),
        accessor="case__unit",
        order_by=("case__unit__sort_no", "case__unit__sort_key", "pk"),
    )
    found_on = tables.Column(
        verbose_name=gettext_lazy("发现日期"), order_by=("found_on", "pk"), attrs=NUMBERS
    )
    officer = tables.Column(
        verbose_name=gettext_lazy("经办人"), order_by=("officer__name", "pk"), default="—"
    )
    next_on = tables.Column(verbose_name=gettext_lazy("下次日期"), empty_values=(), attrs=NUMBERS)

    exports = True

    class Meta:
        empty_text = gettext_lazy("没有个案")
        attrs = {"aria-label": gettext_lazy("个案")}

    def __init__(self, *args, today, masked, ticks=frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.masked, self.ticks = today, masked, ticks

    def order_next_on(self, queryset, is_descending):
        """What has no date comes last, on either engine and in either direction."""
        by = (
            F("next_on").desc(nulls_last=True)
            if is_descending
            else F("next_on").asc(nulls_last=True)
        )
        return queryset.order_by(by, "pk"), True

    def render_student(self, record):
        name = shown_name(record.case.student, masked=self.masked)
        again = format_html("<small>{}</small>", _("反弹")) if record.relapse_of_id else ""
        shown = format_html('<a href="{}">{}</a>{}', record.case.get_absolute_url(), name, again)
        return format_html("{}{}", self._tick(record, name), shown)

    def _tick(self, record, name):
        """A box of the form below the list: it goes with the filter that the list shows."""
        if not record.is_open or record.case.unit_id not in self.ticks:
            return ""
        return format_html(
            '<input class="form-check-input me-2" type="checkbox" form="bulk" name="case" '
            'value="{}" aria-label="{}">',
            record.case_id,
            _("勾选 %(name)s") % {"name": name},
        )

    def value_student(self, record):
        return shown_name(record.case.student, masked=self.masked)

    def render_state(self, record):
        kind = format_html("<small>{}</small>", record.get_kind_display()) if record.kind else ""
        return format_html("{}{}", state_shown(record), kind)

    def value_state(self, record):
        return record.get_state_display()

    def render_place(self, record):
        township, school = record.case.township, record.case.school
        under = format_html("<small>{}</small>", school.short) if school else ""
        return format_html("{}{}", township.short if township else "—", under)

    def value_place(self, record):
        return " ".join(one.name for one in (record.case.township, record.case.school) if one)

    def render_unit(self, record):
        return record.case.unit.short

    def render_found_on(self, record):
        return render_to_string(
            "components/due.html", due({"today": self.today}, record.found_on, True)
        )

    def value_found_on(self, record):
        return record.found_on

    def render_officer(self, record):
        return record.officer.name if record.officer else "—"

    def render_next_on(self, record):
        met = record.ended_on is not None
        return render_to_string(
            "components/due.html", due({"today": self.today}, record.next_on, met)
        )

    def value_next_on(self, record):
        return record.next_on


def _changed_by(user) -> frozenset[int]:
    """The units whose cases a person may change."""
    if not user.has_perm(CHANGE):
        return frozenset()
    return frozenset(Unit.objects.visible_to(user, CHANGE).values_list("pk", flat=True))


def worklist(user, query) -> tuple[EpisodeFilter, EpisodeTable]:
    """The filter and the table of what a person may see. NoSearch: a key of no use."""
    key, search, today = query.get("found"), None, clock.today()
    if key:
        search = searches.find_search(key, by=user, at=clock.now())
    found = EpisodeFilter(query, user=user, today=today, search=search)
    table = EpisodeTable(
        InChunks(found.qs.for_list()),
        order_by=query.getlist("sort") or None,
        today=today,
        masked=not user.has_perm(UNMASK),
        ticks=_changed_by(user),
    )
    return found, table
