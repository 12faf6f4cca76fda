"""All that happened to one child's case, the newest on top; each fact is asked for once."""

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from common.models import StoredFile
from common.templatetags.ax import cndate, num
from dropout.models import (
    CaseTransfer,
    Closing,
    Correction,
    End,
    HomeLesson,
    Notice,
    Placement,
    RulingOut,
    Step,
    Visit,
    Watch,
    WatchAnswer,
)

# What files may hang on, by the code of the subject.
WITH_FILES = (Visit, Notice, Placement, RulingOut, Closing)


@dataclass
class Entry:
    """One line of the time line. `kind` is what the page can be narrowed to."""

    on: date
    icon: str
    title: str
    kind: str
    text: list[str] = field(default_factory=list)
    thing: object = None
    withdrawn: str = ""
    files: list[StoredFile] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where one looks closer, or attaches a photo or a scan."""
        if isinstance(self.thing, Notice):
            return reverse("dropout:notice-detail", args=[self.thing.pk])
        if isinstance(self.thing, WITH_FILES):
            kind = self.thing._meta.model_name
            return reverse("dropout:attachments", args=[kind, self.thing.pk])
        return ""

    @property
    def link(self) -> str:
        return _("看文书") if isinstance(self.thing, Notice) else _("照片和扫描件")

    @property
    def facts(self) -> str:
        return " | ".join(str(one) for one in self.text if one)


class Facts:
    """The rows of a case across its episodes, one query for each kind."""

    def __init__(self, case, episodes):
        self.case = case
        self.episodes = {one.pk: one for one in episodes}

    def _of_episodes(self, model):
        return model.objects.filter(episode__in=self.episodes)

    @cached_property
    def visits(self):
        return list(self._of_episodes(Visit).latest_first())

    @cached_property
    def steps(self):
        return list(self._of_episodes(Step).for_page())

    @cached_property
    def notices(self):
        return list(self._of_episodes(Notice).for_page())

    @cached_property
    def placements(self):
        return list(self._of_episodes(Placement).for_page())

    @cached_property
    def closings(self):
        rows = self._of_episodes(Closing).select_related("asked_by", "decided_by")
        return list(rows.order_by("-asked_at"))

    @cached_property
    def rulings(self):
        return list(self._of_episodes(RulingOut).select_related("by"))

    @cached_property
    def watches(self):
        return list(
            Watch.objects.filter(placement__episode__in=self.episodes).select_related(
                "answered_by", "placement__school"
            )
        )

    @cached_property
    def lessons(self):
        rows = HomeLesson.objects.filter(placement__episode__in=self.episodes).standing()
        return list(rows.order_by("-on", "-pk"))

    @cached_property
    def corrections(self):
        return list(self._of_episodes(Correction).for_page())

    @cached_property
    def transfers(self):
        return list(CaseTransfer.objects.filter(case=self.case).for_list())

    @cached_property
    def files(self) -> dict[tuple[str, str], list[StoredFile]]:
        """{(code of the subject, key): its files}."""
        codes = {model._meta.label_lower for model in WITH_FILES}
        keys = [
            (row._meta.label_lower, str(row.pk))
            for rows in (self.visits, self.notices, self.placements, self.rulings, self.closings)
            for row in rows
        ]
        found: dict[tuple[str, str], list[StoredFile]] = {key: [] for key in keys}
        stored = StoredFile.objects.filter(
            subject_code__in=codes, subject_pk__in={pk for _code, pk in keys}, removed_at=None
        )
        for one in stored.order_by("uploaded_at", "pk"):
            if (one.subject_code, one.subject_pk) in found:
                found[one.subject_code, one.subject_pk].append(one)
        return found

    def files_of(self, thing) -> list[StoredFile]:
        return self.files.get((thing._meta.label_lower, str(thing.pk)), [])


def lines_of(sheet) -> list[Entry]:
    """Everything on record, the newest first; what lies on one day in the order of the way."""
    facts = sheet.facts
    lines = [line for episode in sheet.episodes for line in _of_episode(sheet, episode)]
    for rows, told in (
        (facts.visits, _of_visit),
        (facts.steps, _of_step),
        (facts.notices, _of_notice),
        (facts.placements, _of_placement),
        (facts.watches, _of_watch),
        (facts.closings, _of_closing),
        (facts.transfers, _of_transfer),
    ):
        lines += [line for row in rows for line in told(row)]
    lines += [_of_ruling(sheet, row) for row in facts.rulings]
    lines += [_of_correction(sheet, row) for row in facts.corrections]
    lines += _of_lessons(facts.lessons)
    for line in lines:
        if isinstance(line.thing, WITH_FILES):
            line.files = facts.files_of(line.thing)
    return sorted(reversed(lines), key=lambda line: line.on, reverse=True)


def _of_episode(sheet, episode) -> list[Entry]:
    source = episode.get_source_display()
    lines = [
        Entry(
            episode.found_on,
            "search",
            _("线索：%(source)s") % {"source": source},
            "state",
            [
                _("第 %(n)s 次") % {"n": episode.number} if episode.number > 1 else "",
                _("%(day)s起未到校") % {"day": cndate(episode.absent_since)}
                if episode.absent_since
                else "",
            ],
            thing=episode,
        )
    ]
    if episode.verifying_on:
        lines.append(Entry(episode.verifying_on, "search", _("开始核实"), "state"))
    if episode.confirmed_on:
        lines.append(
            Entry(
                episode.confirmed_on,
                "check",
                _("确认%(kind)s") % {"kind": episode.get_kind_display()},
                "state",
                [
                    _("原因：%(cause)s") % {"cause": sheet.cause_of(episode)},
                    sheet.detail_of(episode),
                    _("%(day)s辍学") % {"day": cndate(episode.left_on)} if episode.left_on else "",
                ],
            )
        )
    if episode.end == End.LEFT_AGAIN:
        lines.append(Entry(episode.ended_on, "alert", _("再次辍学，另开一次"), "state"))
    return lines


def _withdrawn(row) -> str:
    if not row.is_withdrawn:
        return ""
    return _("已撤回：%(reason)s") % {"reason": row.withdrawn_reason}


def _of_visit(row: Visit) -> list[Entry]:
    title = _("%(way)s劝返：%(result)s") % {
        "way": row.get_way_display(),
        "result": row.get_result_display(),
    }
    who = f"{row.visitor}（{row.position}）" if row.position else row.visitor  # data
    text = [
        who,
        row.note,
        _("监护人说：%(word)s") % {"word": row.guardian_word} if row.guardian_word else "",
        _("下次 %(day)s") % {"day": cndate(row.next_on)} if row.next_on else "",
    ]
    icon = "phone" if row.way in ("PHONE", "VIDEO") else "house"
    return [Entry(row.on, icon, title, "visit", text, row, _withdrawn(row))]


def _of_step(row: Step) -> list[Entry]:
    if row.is_skipped:
        title = _("跳过“%(step)s”") % {"step": row.get_kind_display()}
        on, text = localdate(row.recorded_at), [row.skipped_because]
    else:
        title = _("办理“%(step)s”") % {"step": row.get_kind_display()}
        on, text = row.taken_on, [row.note, row.legal_basis]
    return [Entry(on, "arrow", title, "step", text, row, _withdrawn(row))]


def _of_notice(row: Notice) -> list[Entry]:
    kind = row.get_kind_display()
    issued = [
        row.number,
        row.issuer,
        _("送 %(who)s") % {"who": row.addressee},
        _("限期 %(day)s") % {"day": cndate(row.deadline)} if row.deadline else "",
    ]
    lines = [
        Entry(
            row.issued_on,
            "file",
            _("制发“%(kind)s”") % {"kind": kind},
            "notice",
            issued,
            None if row.served_on else row,
            _withdrawn(row),
        )
    ]
    if row.served_on:
        served = [
            row.number,
            row.get_served_by_display(),
            _("见证人：%(who)s") % {"who": row.witness} if row.witness else "",
            row.result,
        ]
        title = _("送达“%(kind)s”") % {"kind": kind}
        lines.append(Entry(row.served_on, "stamp", title, "notice", served, row, _withdrawn(row)))
    return lines


def _of_placement(row: Placement) -> list[Entry]:
    place = [row.school.name] if row.school else []
    place += [row.get_grade_display(), row.class_name] if row.school else []
    approval = [row.authority, row.document_number] if row.rests_on_approval else []
    until = [_("到 %(day)s") % {"day": cndate(row.ends_on)}] if row.ends_on else []
    title = _("安置：%(kind)s") % {"kind": row.get_kind_display()}
    lines = [
        Entry(
            row.began_on,
            "house" if row.is_at_home else "check",
            title,
            "placement",
            [*place, *approval, *until, row.note],
            row,
            _withdrawn(row),
        )
    ]
    if row.attended_on:
        said = _("核实在校")
        lines.append(Entry(row.attended_on, "check", said, "placement", [row.attended_note]))
    if row.ended_on:
        said = _("结束安置：%(kind)s") % {"kind": row.get_kind_display()}
        lines.append(Entry(row.ended_on, "arrow", said, "placement"))
    return lines


def _of_lessons(rows) -> list[Entry]:
    """Lessons at home, a line for each month."""
    months: dict[tuple[int, int], list[HomeLesson]] = {}
    for row in rows:
        months.setdefault((row.on.year, row.on.month), []).append(row)
    return [
        Entry(
            max(row.on for row in lessons),
            "house",
            _("送教上门：当月 %(n)s 次") % {"n": len(lessons)},
            "placement",
            [_("共 %(n)s 分钟") % {"n": num(sum(row.minutes for row in lessons))}],
        )
        for lessons in months.values()
    ]


def _of_watch(row: Watch) -> list[Entry]:
    if row.answered_on is None:
        return []
    title = _("第 %(n)s 天回访：%(answer)s") % {"n": row.days, "answer": row.get_answer_display()}
    who = row.answered_by.name if row.answered_by else ""
    return [Entry(row.answered_on, "eye", title, "watch", [who, row.note])]


def _of_correction(sheet, row: Correction) -> Entry:
    """A sensitive cause, and why it was taken for another, only to who may see what is sensitive."""
    if row.watch_id:
        title, kind = _("更正第 %(n)s 天回访") % {"n": row.watch.days}, "watch"
        was, became = WatchAnswer(row.was).label, WatchAnswer(row.became).label
        reason = row.reason
    else:
        title, kind = _("更正原因"), "state"
        was, became = (sheet.cause_named(code) for code in (row.was, row.became))
        reason = sheet.guarded_word(row.reason)
    said = _("原来 %(was)s，改为 %(now)s") % {"was": was, "now": became}
    return Entry(localdate(row.at), "edit", title, kind, [row.by.name, said, reason])


def _of_closing(row: Closing) -> list[Entry]:
    asked = Entry(localdate(row.asked_at), "send", _("申请销号"), "state", [row.asked_by.name], row)
    if row.withdrawn_at:
        asked.withdrawn = _("已收回")
    if row.decided_at is None:
        return [asked]
    title = _("同意销号") if row.accepted else _("不同意销号")
    text = [row.decided_by.name, row.note]
    return [asked, Entry(localdate(row.decided_at), "stamp", title, "state", text)]


def _of_ruling(sheet, row: RulingOut) -> Entry:
    title = _("排除：%(reason)s") % {"reason": sheet.reason_of(row)}
    return Entry(row.on, "x", title, "state", [row.by.name, sheet.proof_of(row)], row)


def _of_transfer(row: CaseTransfer) -> list[Entry]:
    title = _("移交给%(unit)s") % {"unit": row.to_unit.name}
    lines = [
        Entry(localdate(row.offered_at), "arrow", title, "state", [row.offered_by.name, row.reason])
    ]
    if row.withdrawn_at:
        lines[0].withdrawn = _("已收回")
    if row.decided_at:
        said = _("%(unit)s接收") if row.accepted else _("%(unit)s没有接收")
        text = [row.decided_by.name, row.answer]
        lines.append(
            Entry(
                localdate(row.decided_at), "arrow", said % {"unit": row.to_unit.name}, "state", text
            )
        )
    return lines
