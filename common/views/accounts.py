"""Signing in and out, and one's own account."""


def locked_out(request, credentials=None, *args, **kwargs):
    from django.http import HttpResponse

    return HttpResponse(status=429)
