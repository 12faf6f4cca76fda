"""Looking for a child from a list: what was typed goes no further than this."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from common import clock
from registry.models import PersonSearch
from registry.services import searches
from registry.students_forms import SearchForm


def look_for(request, listed: str, page_of: Callable[[PersonSearch], object] = lambda search: None):
    """On to the list at an address, which from now on holds a key and not what was typed; or to the
    one page that `page_of` finds for a number."""
    form = SearchForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("写姓名、证件号、学籍号或监护人电话，再找。"))
        return redirect(listed)
    try:
        search = searches.begin_search(form.cleaned_data["text"], by=request.user, at=clock.now())
    except searches.TooShort:
        messages.warning(request, _("至少写两个字，再找。"))
        return redirect(listed)
    return redirect(page_of(search) or f"{listed}?{urlencode({'found': search.key})}")
