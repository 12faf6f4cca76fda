"""Answers Django's questions about permissions from the postings in force today."""

from django.contrib.auth.backends import ModelBackend

from common import clock
from registry import roles
from registry.models import Posting


class PostingBackend(ModelBackend):
    """Password sign-in as Django does it; permissions from postings and one table of roles."""

    def _get_permissions(self, user_obj, obj, from_name):
        return set()

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        today = clock.today()
        cached = getattr(user_obj, "_posting_permissions", None)
        if cached is None or cached[0] != today:
            held = Posting.objects.filter(user_id=user_obj.pk).in_force(today)
            granted = set()
            for role in held.values_list("role", flat=True):
                granted |= roles.PERMISSIONS[role]
            cached = user_obj._posting_permissions = (today, granted)
        return cached[1]

    def has_perm(self, user_obj, perm, obj=None):
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj, app_label):
        return any(p.startswith(f"{app_label}.") for p in self.get_all_permissions(user_obj))
