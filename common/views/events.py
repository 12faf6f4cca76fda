"""The log: searched, read and exported by the auditor, changed by nobody."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common import audit
from common.access import requires
from common.event_lists import CODE, EventFilter, EventTable, outcome_of, who
from common.exports import export_response
from common.htmx import page_or_partial
from common.lists import arrange
from common.models import Event


@requires("common.view_event")
@require_safe
def event_list(request):
    found = EventFilter(request.GET, queryset=Event.objects.for_list())
    table = EventTable(found.qs)
    arrange(request, table)
    file = export_response(request, table, CODE)
    if file:
        return file
    context = {"filter": found, "table": table}
    return page_or_partial(request, "common/event_list.html", "common/_event_table.html", context)


@requires("common.view_event")
@require_safe
def event_detail(request, pk):
    event = get_object_or_404(Event.objects.for_list(), pk=pk)
    context = {
        "event": event,
        "who": who(event),
        "verb": audit.verb_label(event.verb),
        "kind": audit.subject_label(event.subject_code),
        "outcome": outcome_of(event),
        "changes": audit.as_rows(event),
        "together": [
            (other, audit.verb_label(other.verb))
            for other in Event.objects.of_request(event)
            if other.pk != event.pk
        ]
        if event.request_id
        else [],
    }
    return render(request, "common/event_detail.html", context)
