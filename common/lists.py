"""Lists as pages ask for them: sorted by the address, a fixed number of rows a page."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from common import audit
from common.exports import NOT_FILTERS

PER_PAGE = 50


class CappedPaginator(Paginator):
    """Counts no further than a list is leafed through: exact counts of 200,000 rows take their time.

    Whoever needs a row further behind narrows the list; a file of it holds all rows.
    """

    MOST = 10_000

    @cached_property
    def _counted(self) -> int:
        return self.object_list.data.data.order_by()[: self.MOST + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.MOST)

    @property
    def is_capped(self) -> bool:
        return self._counted > self.MOST


def arrange(request, table, *, paginator_class=Paginator):
    """Sort and page a table. A page that does not exist is the nearest one that does."""
    table.request = request
    asked = request.GET.getlist(table.prefixed_order_by_field)
    if asked:
        table.order_by = asked
    table.paginate(paginator_class=paginator_class, per_page=PER_PAGE)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table


def record_listed(request, table, verb: str, **more) -> None:
    """That rows about people were read: how many, narrowed by what; an empty list told of nobody."""
    shown = len(table.page.object_list)
    if shown:
        asked = {name: request.GET.getlist(name) for name in request.GET if name not in NOT_FILTERS}
        audit.record(verb, by=request.user, after={**more, "rows": shown, "filters": asked})
