"""Home by role, and pages that show several domains at once."""

from django.shortcuts import render

from common.access import signed_in


@signed_in
def home(request):
    return render(request, "dashboard/home.html")
