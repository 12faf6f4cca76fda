"""A search for a person: what was typed stays with the portal, the address holds a key only."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedField


class PersonSearchQuerySet(models.QuerySet):
    def of(self, user, at: datetime):
        """One's own that have not run out: somebody else's key finds nothing."""
        return self.filter(user_id=user.pk, expires_at__gt=at)

    def expired(self, at: datetime):
        return self.filter(expires_at__lte=at)


class PersonSearch(models.Model):
    """A name or number that somebody looks for, encrypted, for an hour."""

    key = models.CharField(max_length=32, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = EncryptedField(_("找的内容"), purpose="search.text")
    expires_at = models.DateTimeField(_("到期"), db_index=True)

    objects = PersonSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("查找")
        verbose_name_plural = _("查找")

    def __str__(self):
        return f"{_('查找')} {self.pk}"
