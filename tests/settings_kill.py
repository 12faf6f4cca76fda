"""The portal's settings with a slow job to be killed in the middle; for processes, not for pytest."""

from alashan_portal.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.slow_jobs"]  # noqa: F405
CELERY_BEAT_SCHEDULE = {
    "reap": {"task": "common.reap", "schedule": 1},
    "nightly": {"task": "common.nightly", "schedule": 1},
}
# Pages are not what is tested: no files to collect.
STATICFILES_DIRS = []
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
