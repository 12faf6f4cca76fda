"""Django's admin as the portal uses it: reference data only, every save an event, no bulk deletes.

An app declares its reference models in `<app>/admin.py` with a `ReferenceAdmin`; whatever else
registers itself there is left out.
"""

from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import BadRequest
from django.db import models, router
from django.forms.models import model_to_dict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from common import audit
from common.forms.days import DayField


class ReferenceSite(admin.AdminSite):
    site_header = _("参考资料")
    site_title = _("参考资料")
    index_title = _("单位、日历、方案和指标")
    enable_nav_sidebar = False

    def register(self, model_or_iterable, admin_class=None, **options):
        """Only what is declared as reference data; third parties' tables stay out."""
        if admin_class and issubclass(admin_class, ReferenceAdmin):
            super().register(model_or_iterable, admin_class, **options)
            label_deeds(admin_class, model_or_iterable)


def label_deeds(admin_class, model_or_iterable) -> None:
    """Name the deeds for the log."""
    found = model_or_iterable
    for model in [found] if isinstance(found, type) else found:
        name = model._meta.verbose_name
        audit.label_verbs(
            {
                f"{model._meta.label_lower}_added": format_lazy("{}{}", _("新增"), name),
                f"{model._meta.label_lower}_changed": format_lazy("{}{}", _("修改"), name),
                f"{model._meta.label_lower}_deleted": format_lazy("{}{}", _("删除"), name),
            }
        )


def facts_of(thing: models.Model) -> dict:
    """The columns of a row, for the log."""
    return {
        name: value if isinstance(value, bool | int | None) else str(value)
        for name, value in model_to_dict(thing).items()
        if not isinstance(value, list)
    }


# Days that calendars can reckon with, in the tables and in the rows below them.
DAYS = {models.DateField: {"form_class": DayField, "widget": AdminDateWidget}}


class ReferenceAdmin(admin.ModelAdmin):
    """A reference table: changes are events, what has history cannot be deleted."""

    formfield_overrides = DAYS
    actions = None  # no deletion of many at once
    list_per_page = 50
    frozen_fields = ()  # not to be changed once other rows lean on them
    save_on_top = False

    def changelist_view(self, request, extra_context=None):
        try:
            return super().changelist_view(request, extra_context)
        except (OverflowError, ValueError):  # a year or number in the address that no column holds
            raise BadRequest("out of range") from None

    def has_history(self, thing) -> bool:
        """Whether rows that must not be lost lean on it."""
        collector = NestedObjects(using=router.db_for_write(thing.__class__))
        collector.collect([thing])
        return bool(collector.protected)

    def has_delete_permission(self, request, obj=None):
        may = super().has_delete_permission(request, obj)
        return may and not (obj is not None and self.has_history(obj))

    def get_readonly_fields(self, request, obj=None):
        fixed = tuple(super().get_readonly_fields(request, obj))
        if obj is not None and self.frozen_fields and self.has_history(obj):
            fixed += tuple(name for name in self.frozen_fields if name not in fixed)
        return fixed

    # Events: what Django would put into its own log goes into the portal's.
    def save_model(self, request, obj, form, change):
        before = self.model._default_manager.filter(pk=obj.pk).first() if change else None
        request._facts_before = facts_of(before) if before else {}
        super().save_model(request, obj, form, change)

    def log_addition(self, request, obj, message):
        after = facts_of(obj) | self._related(message)
        self._record("added", request, obj, None, after)

    def log_change(self, request, obj, message):
        before, after = audit.changes(request._facts_before, facts_of(obj))
        after |= self._related(message)
        if before or after:
            self._record("changed", request, obj, before, after)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            self._record("deleted", request, obj, facts_of(obj), None)

    def _record(self, what, request, obj, before, after):
        audit.record(
            f"{self.opts.label_lower}_{what}",
            obj,
            by=request.user,
            before=before,
            after=after,
            title=str(obj),
        )

    @staticmethod
    def _related(message) -> dict:
        """Which rows below it were added, changed or deleted."""
        said = [
            f"{how}: {facts['name']} {facts['object']}"
            for part in (message if isinstance(message, list) else [])
            for how, facts in part.items()
            if "object" in facts
        ]
        return {"rows": said} if said else {}
