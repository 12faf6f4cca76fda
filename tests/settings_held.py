"""The settings of the killed processes, with comparisons that stop in the middle; not for pytest."""

from tests.settings_kill import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.dropout.held.apps.Held"]  # noqa: F405
