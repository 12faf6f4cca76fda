"""What the page of one recognition shows to one person, and what it offers them to do next."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import cndate
from registry.models import SENSITIVE, Category, Department
from registry.student_sheet import source_of
from registry.students_filters import UNMASK
from registry.students_tables import masked_number, shown_name
from subsidies.models import Award, Recognition, RecognitionDeed
from subsidies.recognitions_tables import LOOKS, class_shown, group_shown
from subsidies.start_sheet import CHANGE, REVIEW, VIEW

State, Deed = Recognition.State, RecognitionDeed.Kind
WORDS = {
    "agree": gettext_lazy("登记学校认定"),
    "refuse": gettext_lazy("认定未通过"),
    "withdraw": gettext_lazy("撤回"),
    "adjust": gettext_lazy("调整等级"),
    "end": gettext_lazy("取消认定"),
}
# What may be done in a state, and who does it: a school says who is in need, a banner decides.
OFFERED = {
    State.APPLIED: (("agree", CHANGE), ("refuse", CHANGE), ("withdraw", CHANGE)),
    State.AGREED: (("agree", CHANGE), ("refuse", CHANGE), ("withdraw", CHANGE)),
    State.NOTICED: (("refuse", CHANGE), ("withdraw", CHANGE)),
    State.FILED: (("adjust", REVIEW), ("end", REVIEW)),
}
ICONS = {
    Deed.APPLIED: "edit",
    Deed.AGREED: "users",
    Deed.NOTICED: "stamp",
    Deed.TAKEN_DOWN: "undo",
    Deed.FILED: "check",
    Deed.REFUSED: "x",
    Deed.WITHDRAWN: "back",
    Deed.ADJUSTED: "refresh",
    Deed.ENDED: "x",
}
# The stages of the way, and what each is called whether it is behind or ahead.
WAY = {
    State.APPLIED: gettext_lazy("申请"),
    State.AGREED: gettext_lazy("学校认定"),
    State.NOTICED: gettext_lazy("公示"),
    State.FILED: gettext_lazy("备案"),
}


@dataclass(frozen=True)
class Offered:
    code: str
    label: str
    url: str


class RecognitionSheet:
    def __init__(self, one: Recognition, *, user, today: date):
        self.one, self.user, self.today = one, user, today
        self.masked = not user.has_perm(UNMASK)

    # The child as it was known ---------------------------------------------------------------
    @property
    def name(self) -> str:
        return shown_name(self.one.student, masked=self.masked)

    @property
    def number(self) -> str:
        return masked_number(self.one.student)

    @property
    def class_shown(self) -> str:
        return class_shown(self.one)

    @property
    def look(self) -> str:
        return LOOKS[self.one.state]

    @property
    def group(self) -> str:
        return group_shown(self.one, masked=self.masked)

    @property
    def boards(self) -> str:
        return {True: _("寄宿"), False: _("不寄宿"), None: _("没有登记")}[self.one.boards]

    @cached_property
    def lists(self) -> dict:
        """Which lists named the child or a guardian on the day; sensitive ones counted only."""
        rows = (self.one.facts or {}).get("lists", [])
        shown = [row for row in rows if not (self.masked and row["category"] in SENSITIVE)]
        told = [
            {
                "department": Department(row["department"]).label,
                "category": Category(row["category"]).label,
                "on": date.fromisoformat(row["listed_on"]),
            }
            for row in shown
        ]
        return {"shown": told, "hidden": len(rows) - len(shown)}

    # The way ---------------------------------------------------------------------------------
    @property
    def source(self) -> str:
        """The line of the sheet it came from, for who looks at sheets."""
        return source_of(self.one) if self.user.has_perm("intake.view_upload") else ""

    @cached_property
    def lines(self) -> list[dict]:
        return [
            {
                "on": deed.on,
                "icon": ICONS[deed.kind],
                "title": deed.get_kind_display(),
                "facts": " | ".join(
                    str(part) for part in (deed.get_level_display(), deed.reason, deed.by) if part
                ),
            }
            for deed in self.one.deeds.for_page()
        ]

    @property
    def stages(self) -> list[dict]:
        one = self.one
        days = {
            State.APPLIED: one.applied_on,
            State.AGREED: one.recognised_on,
            State.NOTICED: one.notice and one.notice.starts_on,
            State.FILED: one.filed_at,
        }
        here = list(WAY).index(one.state) if one.state in WAY else -1
        return [
            {
                "title": WAY[state],
                "note": cndate(days[state], self.today) if days[state] else "",
                "state": self._stand(place, here, days[state]),
            }
            for place, state in enumerate(WAY)
        ]

    def _stand(self, place: int, here: int, day) -> str:
        if here < 0:
            return "done" if day else ""
        if place < here or self.one.state == State.FILED:
            return "done"
        return "here" if place == here else ""

    # What is to be done ----------------------------------------------------------------------
    @cached_property
    def deeds(self) -> list[Offered]:
        """Within the posting that holds the permission: a scope to read is none to act."""
        mine = Recognition.objects.filter(pk=self.one.pk)
        may = {
            permission
            for permission in (CHANGE, REVIEW)
            if self.user.has_perm(permission) and mine.visible_to(self.user, permission).exists()
        }
        return [
            Offered(
                code,
                str(WORDS[code]),
                reverse(f"subsidies:recognition-{code}", args=[self.one.pk]),
            )
            for code, permission in OFFERED.get(self.one.state, ())
            if permission in may
        ]

    @property
    def next(self) -> dict | None:
        """title, text, url, verb of what comes next; None where nothing does."""
        one = self.one
        agree = next((deed for deed in self.deeds if deed.code == "agree"), None)
        match one.state:
            case State.APPLIED:
                text = "" if one.has_promise else _("还没有监护人的书面承诺")
                return _step(
                    _("下一步：学校认定小组定等级"), text, agree and agree.url, _("去认定")
                )
            case State.AGREED:
                asked = urlencode({"school": one.unit_id, "term": one.term})
                url = f"{reverse('subsidies:notice-new')}?{asked}" if agree else ""
                return _step(_("下一步：公示"), _("和同校的一起公示"), url, _("去公示"))
            case State.NOTICED:
                url = one.notice.get_absolute_url()
                return _step(self._notice_title(), "", url, _("看公示"))
        return None

    def _notice_title(self) -> str:
        notice = self.one.notice
        if notice.has_run(self.today):
            return _("公示期满，等备案")
        return _("公示中，到 %(day)s") % {"day": cndate(notice.ends_on, self.today)}

    # What follows ----------------------------------------------------------------------------
    @cached_property
    def awards(self) -> list[Award]:
        rows = Award.objects.visible_to(self.user, VIEW).of_recognition(self.one)
        return list(rows.for_list())

    @cached_property
    def neighbours(self) -> dict:
        """The decision that this one adjusts, and the one that adjusts it."""
        after = Recognition.objects.filter(adjusts=self.one).first()
        return {"before": self.one.adjusts, "after": after}


def _step(title, text, url, verb) -> dict:
    return {"title": title, "text": text, "url": url or "", "verb": verb}
