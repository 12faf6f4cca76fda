"""Who and where: units with their dated tree, and the postings that say who sees which of them.

One file: what a posting covers is asked of the tree, and who sees a unit is asked of postings.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from registry import roles


def in_force(on: date, prefix: str = "") -> Q:
    """The rows of a dated table that hold on a day; `valid_to` is the last day."""
    return Q(**{f"{prefix}valid_from__lte": on}) & (
        Q(**{f"{prefix}valid_to": None}) | Q(**{f"{prefix}valid_to__gte": on})
    )


class Dated(models.Model):
    """A row that holds from a day to a day, both included; no end means still."""

    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_from_before_to",
            )
        ]


class ScopedQuerySet(models.QuerySet):
    """The only code that decides who sees which rows.

    `unit_lookup` names the way from the model to its unit.
    """

    unit_lookup = "unit"

    def visible_to(self, user, permission: str):
        """Rows whose unit lies, today, under a unit where the user holds the permission."""
        seen = units_seen_by(user, permission, on=clock.today())
        return self.filter(**{f"{self.unit_lookup}__in": seen})

    def within(self, unit, on: date):
        """Rows whose unit lies under a unit on a day; for figures, totals and filters."""
        return self.filter(**{f"{self.unit_lookup}__in": descendants_of(unit, on=on)})


def units_seen_by(user, permission: str, *, on: date):
    """Ids of the units that a day's postings cover with a permission, as a sub-query.

    A township run by a zone is read by its banner too; deeds there are the zone's.
    """
    covered = Closure.objects.filter(in_force(on), ancestor__in=posted_at(user, permission, on=on))
    if not roles.only_reads(permission):
        covered = covered.filter(counts=True)
    return covered.values("descendant")


def posted_at(user, permission: str, *, on: date):
    """Ids of the units at which the user's own postings give a permission.

    A sub-query, but where the day's postings are at hand: naming them spares every list a part of
    its search.
    """
    known = getattr(user, "_postings_in_force", None)
    if known is not None and known[0] == on:
        wanted = set(roles.roles_with(permission))
        return [posting.unit_id for posting in known[1] if posting.role in wanted]
    return (
        Posting.objects.filter(user_id=user.pk, role__in=roles.roles_with(permission))
        .in_force(on)
        .values("unit")
    )


def postings_of(user, on: date) -> list["Posting"]:
    """A person's postings in force on a day, with their units; asked for once a request."""
    known = getattr(user, "_postings_in_force", None)
    if known is None or known[0] != on:
        held = Posting.objects.filter(user_id=user.pk).in_force(on)
        known = on, list(held.select_related("unit").order_by("pk"))
        user._postings_in_force = known
    return known[1]


def descendants_of(unit, *, on: date):
    """Ids of a unit and all that lies under it or is run by it on a day, as a sub-query."""
    return Closure.objects.filter(in_force(on), ancestor=unit).values("descendant")


class UnitQuerySet(ScopedQuerySet):
    unit_lookup = "pk"

    def existing(self, on: date):
        return self.filter(in_force(on))

    def reporting(self, on: date):
        """Units that file education returns: banners and the zones that the bureau ticked."""
        return self.existing(on).filter(reports_education=True).order_by("sort_no", "sort_key")

    def with_numbers(self, on: date, *, only_league: bool = False):
        """The league and, unless it alone is counted, the units that report."""
        who = Q(kind=Unit.Kind.LEAGUE)
        if not only_league:
            who |= Q(reports_education=True)
        return self.existing(on).filter(who).for_list()

    def with_people(self, on: date):
        """Where somebody can hold a posting."""
        kinds = (Unit.Kind.REGION, Unit.Kind.VILLAGE)
        return self.existing(on).exclude(kind__in=kinds).for_list()

    def with_postings(self):
        return self.filter(pk__in=Posting.objects.values("unit")).for_list()

    def under(self, unit, on: date):
        """What counts below a unit on a day: a township run by a reporting zone counts there."""
        below = Closure.objects.filter(in_force(on), ancestor=unit, counts=True)
        return self.filter(pk__in=below.values("descendant")).exclude(pk=unit.pk)

    def lying_under(self, unit, on: date):
        """The next level below a unit on a day: by parent, and what it runs as a zone."""
        children = UnitParent.objects.filter(in_force(on), parent=unit)
        runs = Running.objects.filter(in_force(on), zone=unit)
        return (
            self.existing(on)
            .filter(Q(pk__in=children.values("unit")) | Q(pk__in=runs.values("township")))
            .for_directory(on)
        )

    def matching(self, text: str):
        """Units of which a name, an alias or an official code holds the text."""
        aliases = UnitAlias.objects.filter(unit=OuterRef("pk"), name__icontains=text)
        codes = UnitCode.objects.filter(unit=OuterRef("pk"), code__startswith=text)
        return self.filter(
            Q(name__icontains=text)
            | Q(short_name__icontains=text)
            | Exists(aliases)
            | Exists(codes)
        )

    def called(self, name: str):
        """Units of exactly this name, short name or alias."""
        aliases = UnitAlias.objects.filter(unit=OuterRef("pk"), name=name)
        return self.filter(Q(name=name) | Q(short_name=name) | Exists(aliases))

    def home_of(self, student):
        return self.filter(residents=student)

    def of_kinds(self, kinds):
        return self.filter(kind__in=kinds)

    def that_hold_others(self):
        return self.exclude(kind__in=(Unit.Kind.VILLAGE, Unit.Kind.SCHOOL, Unit.Kind.OFFICE))

    def for_directory(self, on: date):
        """What the list of units and its export show of a day, in one query."""
        parent = UnitParent.objects.filter(in_force(on), unit=OuterRef("pk"))
        running = Running.objects.filter(in_force(on), township=OuterRef("pk"))
        code = UnitCode.objects.filter(
            unit=OuterRef("pk"), system__in=(UnitCode.System.NBS, UnitCode.System.SCHOOL)
        )
        return self.annotate(
            parent_name=Subquery(parent.values("parent__name")[:1]),
            zone_name=Subquery(running.values("zone__name")[:1]),
            official_code=Subquery(code.order_by("-year").values("code")[:1]),
        ).for_list()

    def for_list(self):
        return self.order_by("sort_no", "sort_key", "pk")


class Unit(Dated):
    """A node of the tree. Its parent and its official codes are dated rows of their own."""

    class Kind(models.TextChoices):
        REGION = "REGION", _("自治区")
        LEAGUE = "LEAGUE", _("盟")
        BANNER = "BANNER", _("旗")
        ZONE = "ZONE", _("开发区、示范区")
        DIRECT = "DIRECT", _("盟直属")
        TOWNSHIP = "TOWNSHIP", _("苏木镇、街道")
        VILLAGE = "VILLAGE", _("嘎查村、社区")
        SCHOOL = "SCHOOL", _("学校")
        OFFICE = "OFFICE", _("科室")

    key = models.SlugField(
        _("平台内部键"),
        max_length=60,
        unique=True,
        help_text=_("只在平台内部用，不是官方代码，不导出。"),
    )
    name = models.CharField(_("名称"), max_length=80)
    short_name = models.CharField(_("简称"), max_length=20, blank=True)
    one_char = models.CharField(_("单字"), max_length=2, blank=True)
    kind = models.CharField(_("类别"), max_length=10, choices=Kind.choices)
    reports_education = models.BooleanField(_("报送教育数据"), default=False)
    sort_no = models.PositiveSmallIntegerField(_("排序号"), default=500)
    sort_key = models.CharField(_("拼音排序"), max_length=200, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("并入")
    )

    objects = UnitQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        indexes = [models.Index(fields=["sort_no", "sort_key"], name="unit_order")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("registry:unit-detail", args=[self.pk])

    @property
    def short(self):
        return self.short_name or self.name

    def existed(self, day: date) -> bool:
        """The same as `existing(day)`, for who has the unit at hand."""
        return self.valid_from <= day and (self.valid_to is None or self.valid_to >= day)


class UnitParent(Dated):
    """Where a unit lies in the tree, from a day to a day."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="parents", verbose_name=_("单位"))
    parent = models.ForeignKey(
        Unit, models.PROTECT, related_name="children", verbose_name=_("上级")
    )

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("隶属")
        verbose_name_plural = _("隶属")

    def __str__(self):
        return f"{self.unit} < {self.parent}"


class Running(Dated):
    """A zone runs a township: it reads and writes there, and the township counts in the zone."""

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="runs", verbose_name=_("开发区"))
    township = models.ForeignKey(
        Unit, models.PROTECT, related_name="run_by", verbose_name=_("苏木镇")
    )

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("托管")
        verbose_name_plural = _("托管")

    def __str__(self):
        return f"{self.township} ← {self.zone}"


class UnitAlias(models.Model):
    """Another name that sheets use for a unit."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="aliases", verbose_name=_("单位"))
    name = models.CharField(_("别名"), max_length=80)

    class Meta:
        verbose_name = _("别名")
        verbose_name_plural = _("别名")
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="unit_alias_once")]

    def __str__(self):
        return self.name


class UnitCode(models.Model):
    """An official code of a unit, with its system and year: two 9-digit systems disagree."""

    class System(models.TextChoices):
        NBS = "NBS", _("国家统计局统计用区划代码")
        MCA = "MCA", _("民政部行政区划代码")
        SCHOOL = "SCHOOL", _("学校（机构）标识码")

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="codes", verbose_name=_("单位"))
    system = models.CharField(_("代码体系"), max_length=10, choices=System.choices)
    year = models.PositiveSmallIntegerField(_("年份"))
    code = models.CharField(_("代码"), max_length=12)

    class Meta:
        verbose_name = _("官方代码")
        verbose_name_plural = _("官方代码")
        constraints = [
            models.UniqueConstraint(fields=["system", "year", "code"], name="unit_code_once")
        ]

    def __str__(self):
        return self.code


class Closure(Dated):
    """Which unit lies under which, from when to when, by parent or by running.

    Derived from UnitParent and Running by `services.rebuild_closure`; one query on it serves
    today's scope and a past period's totals. Every unit is its own descendant.
    `counts` is false where a township run by a reporting zone is still read by its banner: it is
    seen there, and counted and written to in the zone.
    """

    class Via(models.TextChoices):
        SELF = "SELF", _("本身")
        PARENT = "PARENT", _("隶属")
        RUNNING = "RUNNING", _("托管")

    ancestor = models.ForeignKey(Unit, models.CASCADE, related_name="below")
    descendant = models.ForeignKey(Unit, models.CASCADE, related_name="above")
    via = models.CharField(max_length=10, choices=Via.choices)
    counts = models.BooleanField(default=True)

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("单位上下级")
        verbose_name_plural = _("单位上下级")
        indexes = [
            models.Index(fields=["ancestor", "descendant"], name="closure_down"),
            models.Index(fields=["descendant", "ancestor"], name="closure_up"),
        ]

    def __str__(self):
        return f"{self.ancestor_id} > {self.descendant_id}"


class PostingQuerySet(ScopedQuerySet):
    def in_force(self, on: date):
        """Confirmed postings that hold on a day."""
        return self.filter(in_force(on), confirmed_at__isnull=False)

    def who_report(self, on: date):
        """The officials who report for their units, to be asked about what is missing."""
        return (
            self.in_force(on)
            .filter(role=roles.Role.OFFICIAL, user__is_active=True)
            .select_related("user", "unit")
            .order_by("unit__sort_no", "user__username")
        )

    def proposed(self):
        return self.filter(confirmed_at=None)

    def proposed_by(self, user):
        return self.filter(proposed_by_id=user.pk)

    def waiting(self):
        """What the security administrator has to decide: proposals, and proposed ends."""
        return self.filter(Q(confirmed_at=None) | Q(end_proposed_on__isnull=False))

    def not_over(self, on: date):
        """In force, still to come, or only proposed: whatever is or may become a right."""
        return self.exclude(valid_to__lt=on)

    def of(self, user):
        return self.filter(user_id=user.pk)

    def overlapping(self, first: date, last: date | None):
        found = self.exclude(valid_to__lt=first)
        return found.exclude(valid_from__gt=last) if last else found

    def for_administration(self):
        """Everything the administrators' list touches; what waits for a decision comes first."""
        return (
            self.select_related(
                "user", "unit", "proposed_by", "deputy_for__user", "takes_over__user"
            )
            .annotate(
                waits=Case(
                    When(Q(confirmed_at=None) | Q(end_proposed_on__isnull=False), then=1),
                    default=0,
                )
            )
            .order_by("-waits", "unit__sort_no", "unit__sort_key", "user__username", "pk")
        )

    def reporting_for(self, unit, on: date):
        """Officials in force who report for a unit: its own, and those of the units it counts in."""
        counts_in = Closure.objects.filter(in_force(on), descendant=unit, counts=True)
        return (
            self.in_force(on)
            .filter(
                role=roles.Role.OFFICIAL,
                unit__in=counts_in.values("ancestor"),
                user__is_active=True,
            )
            .select_related("user", "unit")
            .order_by("-unit__sort_no", "user__username")
        )

    def for_list(self):
        return self.select_related("user", "unit", "deputy_for__user").order_by(
            "unit__sort_no", "unit__sort_key", "user__username", "pk"
        )


class Posting(Dated):
    """A person holds a role at a unit from a day to a day: the only source of what they may do.

    The system administrator proposes it, the security administrator confirms it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="postings",
        verbose_name=_("账号"),
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings", verbose_name=_("单位"))
    role = models.CharField(_("角色"), max_length=20, choices=roles.Role.choices)
    deputy_for = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deputies",
        verbose_name=_("代谁办理"),
    )
    takes_over = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("接谁的岗"),
    )
    end_proposed_on = models.DateField(_("提出到哪天为止"), null=True, blank=True)
    end_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("提出结束的人"),
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("提出人"),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("确认人"),
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)

    objects = PostingQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        indexes = [models.Index(fields=["user", "role"], name="posting_of")]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(end_proposed_on=None, end_proposed_by=None)
                | Q(end_proposed_on__isnull=False, end_proposed_by__isnull=False),
                name="posting_end_proposed_by_whom",
            ),
        ]

    def __str__(self):
        return f"{self.user} {self.get_role_display()} {self.unit}"

    def is_in_force(self, on: date) -> bool:
        ended = self.valid_to is not None and self.valid_to < on
        return self.confirmed_at is not None and self.valid_from <= on and not ended
