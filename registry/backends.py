"""Answers Django's questions about permissions from the postings in force today."""

from django.contrib.auth.backends import ModelBackend

from common import clock
from registry import roles
from registry.models import postings_of


class PostingBackend(ModelBackend):
    """Password sign-in as Django does it; permissions from postings and one table of roles."""

    def _get_permissions(self, user_obj, obj, from_name):
        return set()

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        held = postings_of(user_obj, clock.today())
        known = getattr(user_obj, "_posting_permissions", None)
        if known is None or known[0] is not held:
            granted = set().union(*(roles.PERMISSIONS[posting.role] for posting in held))
            known = user_obj._posting_permissions = (held, granted)
        return known[1]

    def has_perm(self, user_obj, perm, obj=None):
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj, app_label):
        return any(p.startswith(f"{app_label}.") for p in self.get_all_permissions(user_obj))
