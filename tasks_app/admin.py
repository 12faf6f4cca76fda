"""The plan's own words as reference tables. Targets, baselines and values are never edited here."""

from django.contrib import admin

from common.reference import ReferenceAdmin
from registry.models import Duty, Unit
from tasks_app.models import Action, Indicator, Plan, Safeguard, Section, WorkItem
from tasks_app.services.standings.touched import touch_indicators


@admin.register(Plan)
class PlanAdmin(ReferenceAdmin):
    """A plan comes with `load_plan` and ends on its own page; here only its words are put right."""

    list_display = ("title_zh", "code", "start_year", "target_year", "closed_on")
    ordering = ("-start_year", "code")
    readonly_fields = ("code", "start_year", "target_year", "closed_on")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Section)
class SectionAdmin(ReferenceAdmin):
    list_display = ("no", "title_zh", "plan")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    ordering = ("plan", "no")
    frozen_fields = ("plan",)


class ActionInline(admin.TabularInline):
    model = Action
    extra = 0


@admin.register(WorkItem)
class WorkItemAdmin(ReferenceAdmin):
    list_display = ("no", "title_zh", "lead_office", "plan")
    list_display_links = ("no", "title_zh")
    list_filter = ("plan", "section")
    list_select_related = ("lead_office", "plan")
    search_fields = ("title_zh", "short_zh")
    ordering = ("plan", "no")
    frozen_fields = ("plan", "duty_code")
    inlines = (ActionInline,)

    def has_history(self, thing):
        return super().has_history(thing) or Duty.objects.filter(code=thing.duty_code).exists()

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "lead_office":
            kwargs["queryset"] = Unit.objects.of_kinds([Unit.Kind.OFFICE]).for_list()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["queryset"] = Unit.objects.of_kinds([Unit.Kind.OFFICE]).for_list()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Action)
class ActionAdmin(ReferenceAdmin):
    list_display = ("text_zh", "no", "work_item")
    list_filter = ("work_item",)
    list_select_related = ("work_item",)
    search_fields = ("text_zh",)
    ordering = ("work_item", "no")


@admin.register(Safeguard)
class SafeguardAdmin(ReferenceAdmin):
    list_display = ("no", "title_zh", "plan")
    list_display_links = ("no", "title_zh")
    list_select_related = ("plan",)
    ordering = ("plan", "no")


@admin.register(Indicator)
class IndicatorAdmin(ReferenceAdmin):
    list_display = ("code", "name_zh", "frequency", "aggregation", "stated", "work_item")
    list_display_links = ("code", "name_zh")
    list_filter = ("frequency", "stated", "aggregation", "work_item")
    list_select_related = ("work_item",)
    search_fields = ("code", "name_zh", "numerator")
    ordering = ("code",)
    # What the numbers already given mean cannot change under them: that is a new indicator.
    frozen_fields = ("work_item", "code", "denominator", "frequency", "aggregation", "over_time")

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        touch_indicators([obj.pk])
