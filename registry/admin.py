"""Units and the working-day calendar as reference tables."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.reference import DAYS, ReferenceAdmin
from registry.models import CalendarDay, Closure, Running, Unit, UnitAlias, UnitCode, UnitParent
from registry.services.duties import move_due_days
from registry.services.units import follow_reference, sort_key_of


class DatedFormSet(BaseInlineFormSet):
    """Rows from a day to a day that do not overlap."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        spans = sorted(
            (form.cleaned_data["valid_from"], form.cleaned_data.get("valid_to"))
            for form in self.forms
            if form.cleaned_data.get("valid_from") and not form.cleaned_data.get("DELETE")
        )
        for (_first, last), (following, _end) in zip(spans, spans[1:], strict=False):
            if last is None or last >= following:
                raise ValidationError(
                    _("两段时间重叠了：上一段的“至”要早于 %(day)s。")
                    % {"day": following.isoformat()}
                )


class ParentForm(forms.ModelForm):
    """A unit never lies under itself or under what lies below it."""

    def clean(self):
        cleaned = super().clean()
        parent, unit = cleaned.get("parent"), self.instance.unit_id
        below = parent and unit and Closure.objects.filter(ancestor=unit, descendant=parent)
        if parent and unit and (parent.pk == unit or below.exists()):
            self.add_error("parent", _("上级不能是本单位或它下面的单位。"))
        return cleaned


class AliasInline(admin.TabularInline):
    model = UnitAlias
    extra = 0


class CodeInline(admin.TabularInline):
    model = UnitCode
    extra = 0


class ParentInline(admin.TabularInline):
    model = UnitParent
    form = ParentForm
    formset = DatedFormSet
    formfield_overrides = DAYS
    fk_name = "unit"
    autocomplete_fields = ("parent",)
    extra = 0


class RunningInline(admin.TabularInline):
    model = Running
    formset = DatedFormSet
    formfield_overrides = DAYS
    fk_name = "township"
    autocomplete_fields = ("zone",)
    extra = 0
    verbose_name_plural = gettext_lazy("由哪个开发区托管")


@admin.register(Unit)
class UnitAdmin(ReferenceAdmin):
    list_display = ("name", "short_name", "kind", "reports_education", "valid_from", "valid_to")
    list_filter = ("kind", "reports_education")
    search_fields = ("name", "short_name", "key", "aliases__name", "codes__code")
    ordering = ("sort_no", "sort_key", "pk")
    raw_id_fields = ("successor",)
    fields = (
        ("name", "short_name", "one_char"),
        ("key", "kind"),
        ("sort_no", "sort_key"),
        ("valid_from", "valid_to"),
        ("reports_education", "successor"),
    )
    frozen_fields = ("key", "kind")
    inlines = (ParentInline, RunningInline, AliasInline, CodeInline)

    def get_readonly_fields(self, request, obj=None):
        """To report, to end and to merge are deeds with pages of their own."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "reports_education", "valid_to", "successor") if obj else fixed

    def save_model(self, request, obj, form, change):
        if not obj.sort_key or {"name", "short_name"} & set(form.changed_data):
            obj.sort_key = sort_key_of(obj.short)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        follow_reference(form.instance, by=request.user)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        follow_reference()


@admin.register(CalendarDay)
class CalendarDayAdmin(ReferenceAdmin):
    list_display = ("on", "is_workday", "note", "source")
    list_filter = ("is_workday",)
    date_hierarchy = "on"
    ordering = ("-on",)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        move_due_days()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        move_due_days()
