"""The Celery application. It only rings; `common.jobs` holds what is to be done."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alashan_portal.settings")
app = Celery("alashan_portal")
app.set_default()  # in every thread: requests ring from threads that have seen no other app
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
