"""For the one who watches the machine: is the process alive, can it do its work."""

import os
import uuid

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from common.access import open_to_all
from common.models import Job


@open_to_all
@require_safe
def alive(request):
    return HttpResponse("ok\n", content_type="text/plain")


@open_to_all
@require_safe
def ready(request):
    """Database, queue and files, each `ok` or `fails`; 503 if any fails. Says nothing more."""
    checks = {"database": _database, "queue": _queue, "files": _files}
    found = {}
    for name, check in checks.items():
        try:
            check()
            found[name] = "ok"
        except Exception:
            found[name] = "fails"
    good = all(state == "ok" for state in found.values())
    return JsonResponse(found, status=200 if good else 503)


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _queue():
    Job.objects.exists()
    if settings.REDIS_URL:
        import redis

        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()


def _files():
    probe = settings.FILES_ROOT / f".probe-{uuid.uuid4().hex}"
    probe.write_bytes(b"ok")
    os.remove(probe)
