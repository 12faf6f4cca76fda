"""The three ledgers: children of school age, suspected ones, and those who have dropped out."""

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from common.access import requires
from common.exports import export_response
from common.lists import CappedPaginator, arrange, record_listed
from dropout import ledgers_tables
from dropout.ledgers_filters import VIEW
from dropout.models import Episode, SchoolAgeEntry, SchoolAgeList
from registry.services import searches
from registry.students_forms import SearchForm
from registry.views.searching import look_for

LISTED = "dropout.ledger_listed"


@dataclass(frozen=True)
class Page:
    """One ledger: its name, its way, and the sheet that it is handed in with."""

    slug: str
    title: str
    about: str
    sheet: str
    permission: str  # to hand that sheet in
    empty: str  # what to do when there is nothing

    @property
    def url(self) -> str:
        return reverse(f"dropout:ledger-{self.slug}")


PAGES = {
    page.slug: page
    for page in (
        Page(
            "school-age",
            gettext_lazy("适龄儿童台账"),
            gettext_lazy("户籍和摸排名单上的孩子；就学情况按学籍和个案随时更新"),
            "school-age-children",
            "dropout.change_ledger",
            gettext_lazy("导入公安户籍或入户摸排的适龄儿童名单，就列在这里。"),
        ),
        Page(
            "suspected",
            gettext_lazy("疑似辍学台账"),
            gettext_lazy("有线索、还没有确认的孩子；由月报、比对和摸排得来，不另外填"),
            "attendance-return",
            "dropout.change_ledger",
            gettext_lazy("学校报在校情况月报、旗区做比对，发现的线索会列在这里。"),
        ),
        Page(
            "dropouts",
            gettext_lazy("辍学台账"),
            gettext_lazy("已经确认失学、辍学的孩子；随个案更新，不另外填"),
            "dropout-ledger",
            "dropout.change_case",
            gettext_lazy("线索确认以后列在这里；手上已有台账的，可以整张导入。"),
        ),
    )
}


@requires(VIEW)
@require_safe
def ledger_list(request):
    """The three of them, with how many children stand in each."""
    mine = Episode.objects.visible_to(request.user, VIEW).of_living_cases().open()
    entries = SchoolAgeEntry.objects.visible_to(request.user, VIEW).of_newest_lists()
    counts = {
        "school-age": entries.count(),
        "suspected": mine.filter(confirmed_on=None).count(),
        "dropouts": mine.exclude(confirmed_on=None).count(),
    }
    lists = SchoolAgeList.objects.newest().filter(pk__in=entries.values("list"))
    ledgers = [(page, counts[page.slug]) for page in PAGES.values()]
    context = {"ledgers": ledgers, "lists": lists.for_list()}
    return render(request, "dropout/ledger_list.html", context)


@requires(VIEW)
@require_safe
def ledger_school_age(request):
    return _ledger(request, PAGES["school-age"], ledgers_tables.school_age)


@requires(VIEW)
@require_safe
def ledger_suspected(request):
    return _ledger(request, PAGES["suspected"], ledgers_tables.suspected)


@requires(VIEW)
@require_safe
def ledger_dropouts(request):
    return _ledger(request, PAGES["dropouts"], ledgers_tables.dropouts)


def _ledger(request, page: Page, build):
    try:
        found, table = build(request.user, request.GET)
    except searches.NoSearch:
        raise Http404 from None
    arrange(request, table, paginator_class=CappedPaginator)
    file = export_response(request, table, f"dropout.ledger_{page.slug}")
    if file is not None:
        return file
    record_listed(request, table, LISTED, ledger=page.slug)
    context = {
        "page": page,
        "pages": PAGES.values(),
        "filter": found,
        "table": table,
        "search_form": SearchForm(auto_id="find-%s"),
        "search_url": reverse(f"dropout:ledger-{page.slug}-search"),
        "may_hand_in": request.user.has_perm(page.permission),
        "may_upload": request.user.has_perm("intake.add_upload"),
    }
    return render(request, "dropout/ledger_detail.html", context)


@requires(VIEW)
@require_POST
def ledger_search(request, ledger):
    return look_for(request, PAGES[ledger].url)
