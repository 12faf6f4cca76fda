"""What the page of one child shows to one person: facts with their masks, and where they came from."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from common import masks
from common.templatetags.ax import cndate
from registry.models import SENSITIVE, Enrolment, IdKind, Membership, Student
from registry.services import history
from registry.students_filters import LISTS, UNMASK
from registry.students_tables import shown_name


@dataclass(frozen=True)
class Shown:
    """A value as this person sees it. What is masked is not on the page in any other form."""

    text: str
    masked: bool = False


def guarded(value: str, mask, *, whole: bool) -> Shown | None:
    if not value:
        return None
    return Shown(value) if whole else Shown(mask(value), masked=True)


def source_of(row) -> str:
    """The address of the line a row came from; uploads stand above the registry, so by name only."""
    return _line_of(row.source_upload, row.source_sheet, row.source_row)


def _line_of(upload, sheet, row) -> str:
    if not upload:
        return ""
    try:
        return reverse("intake:upload-row", args=[upload, sheet or 1, row or 1])
    except NoReverseMatch:
        return ""


class StudentSheet:
    """The parts of the page; `whole` while the values are unmasked, `edits` in scope for deeds."""

    def __init__(self, student: Student, *, user, today, whole: bool, edits: bool):
        self.student, self.user, self.today = student, user, today
        self.whole, self.edits = whole, edits
        self.reads_names = user.has_perm(UNMASK)
        self.looks_at_sheets = user.has_perm("intake.view_upload")

    def _source(self, row) -> str:
        return source_of(row) if self.looks_at_sheets else ""

    @property
    def name(self) -> str:
        return shown_name(self.student, masked=not self.reads_names)

    @property
    def source(self) -> str:
        return self._source(self.student)

    @property
    def age(self) -> int | None:
        born, today = self.student.born_on, self.today
        if born is None:
            return None
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    @property
    def born(self) -> str:
        """The day of birth is part of the number: who sees children masked reads the year."""
        born = self.student.born_on
        if born is None:
            return ""
        return cndate(born) if self.reads_names else _("%(year)s年") % {"year": born.year}

    @property
    def twice(self) -> bool:
        return sum(one["open"] for one in self.enrolments) > 1

    @property
    def addresses(self) -> list[dict]:
        fields = ("registered_address", "home_address")
        return [
            {
                "label": Student._meta.get_field(name).verbose_name,
                "shown": guarded(getattr(self.student, name), masks.address, whole=self.whole),
            }
            for name in fields
        ]

    @cached_property
    def numbers(self) -> list[dict]:
        """Current ones first, then those that were corrected."""
        rows = sorted(
            self.student.identifiers.all(),
            key=lambda one: (one.valid_to is not None, one.kind == IdKind.ROLL, -one.pk),
        )
        return [
            {
                "row": row,
                "shown": guarded(row.value, masks.id_number, whole=self.whole),
                "source": self._source(row),
            }
            for row in rows
        ]

    @cached_property
    def guardians(self) -> list[dict]:
        rows = self.student.guardians.order_by("position")
        return [
            {
                "row": row,
                "name": row.name if self.reads_names else masks.name(row.name),
                "phone": guarded(row.phone, masks.phone, whole=self.whole),
                "id_number": guarded(row.id_number, masks.id_number, whole=self.whole),
                "source": self._source(row),
            }
            for row in rows
        ]

    @cached_property
    def enrolments(self) -> list[dict]:
        """The latest first; the one that counts is the earliest that is open."""
        rows = list(self.student.enrolments.select_related("school"))
        rows.sort(key=lambda one: (one.valid_from, one.pk), reverse=True)
        open_ones = [one for one in rows if self._is_open(one)]
        mine = set()
        if self.user.has_perm("registry.change_student"):
            allowed = Enrolment.objects.changeable_by(self.user, "registry.change_student")
            mine = set(allowed.of_student(self.student).values_list("pk", flat=True))
        return [
            {
                "row": row,
                "open": row in open_ones,
                "counts": len(open_ones) > 1 and row == open_ones[-1],
                "may_change": row.pk in mine and row.valid_to is None,
                "source": self._source(row),
            }
            for row in rows
        ]

    def _is_open(self, enrolment: Enrolment) -> bool:
        return enrolment.valid_to is None or enrolment.valid_to >= self.today

    @cached_property
    def memberships(self) -> list[dict]:
        """Who reads no lists learns how many there are; sensitive ones ask for more than that."""
        rows = Membership.objects.about(self.student).select_related("list").order_by("-list")
        if not self.user.has_perm(LISTS):
            return [{"hidden": rows.count()}]
        rows = list(rows.distinct())
        shown = [row for row in rows if self.reads_names or row.category not in SENSITIVE]
        parents = {one["row"].id_number_index for one in self.guardians} - {None}
        found = [
            {
                "row": row,
                "source": self._source(row),
                "by_guardian": row.id_number_index in parents,
            }
            for row in shown
        ]
        hidden = len(rows) - len(shown)
        return [*found, {"hidden": hidden}] if hidden else found

    @cached_property
    def history(self) -> list[dict]:
        """Each deed with the line of the sheet it came from, where it came from one."""
        return [
            {"entry": entry, "source": self._line(entry)}
            for entry in history.history_of(self.student)
        ]

    def _line(self, entry) -> str:
        made_by = entry.change_set
        if not self.looks_at_sheets or made_by.subject_code != "intake.upload":
            return ""
        return _line_of(made_by.subject_pk, entry.change.sheet, entry.change.row)

    @property
    def facts_line(self) -> list[str]:
        """Under the heading: sex and age, ethnicity, what waits to be decided."""
        student = self.student
        line = [student.get_sex_display(), student.get_ethnicity_display()]
        if self.age is not None:
            line.append(_("%(years)s 岁") % {"years": self.age})
        return [one for one in line if one]
