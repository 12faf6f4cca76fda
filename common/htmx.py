"""One answer for whole pages and for the parts that htmx swaps in."""

from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def page_or_partial(request, page, partial, context, status=200):
    """Render the whole page, or only the part an htmx request swaps in."""
    swap_only = request.htmx and not request.htmx.boosted
    response = render(request, partial if swap_only else page, context, status=status)
    # Without it the Back button may show a bare table.
    patch_vary_headers(response, ["HX-Request"])
    return response
