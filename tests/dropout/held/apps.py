"""A comparison that stops in the middle of its writing, for as long as the portal's folder says so."""

import time

from django.apps import AppConfig
from django.conf import settings


class Held(AppConfig):
    name = "tests.dropout.held"
    label = "held"

    def ready(self):
        from dropout.services import comparisons

        settle = comparisons.audit.record

        def record(verb, *args, **facts):
            if verb == "dropout.comparison_finished":
                wait_here()
            return settle(verb, *args, **facts)

        comparisons.audit.record = record


def wait_here():
    """The rows are written, and not committed."""
    while (settings.VAR_DIR / "hold").exists():
        (settings.VAR_DIR / "held").touch()
        time.sleep(0.05)
