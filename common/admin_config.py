"""Django's admin with the portal's own site. Loaded before the models, so it imports none."""

from django.contrib.admin.apps import AdminConfig


class ReferenceConfig(AdminConfig):
    default_site = "common.reference.ReferenceSite"
