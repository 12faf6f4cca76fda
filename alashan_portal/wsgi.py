"""Entry point for gunicorn and waitress."""

import os

from django.core.wsgi import get_wsgi_application

from common.wire import only_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alashan_portal.settings")
application = only_utf8(get_wsgi_application())
