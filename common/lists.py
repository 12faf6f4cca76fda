"""Lists as pages ask for them: sorted by the address, a fixed number of rows a page."""

PER_PAGE = 50


def arrange(request, table):
    """Sort and page a table. A page that does not exist is the nearest one that does."""
    table.request = request
    asked = request.GET.getlist(table.prefixed_order_by_field)
    if asked:
        table.order_by = asked
    table.paginate(per_page=PER_PAGE)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table
