"""How accounts and postings look in lists; the screen and the export show the same columns."""

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.templatetags.ax import cndate, status

NUMBERS = {"th": {"class": "ax-num"}, "td": {"class": "ax-num"}}


def state_of_account(user) -> tuple[str, str]:
    """(code of the look, word)."""
    if user.is_active:
        return ("passed", _("在用")) if not user.must_change_password else ("todo", _("还没换密码"))
    return ("off", _("已停用")) if user.ever_confirmed else ("wait", _("未启用"))


def state_of_posting(posting, today) -> tuple[str, str]:
    if posting.confirmed_at is None:
        return "wait", _("等确认")
    if posting.valid_to and posting.valid_to < today:
        return "off", _("已结束")
    if posting.end_proposed_on:
        return "warn", _("等确认结束")
    if posting.valid_from > today:
        return "todo", _("未开始")
    return "passed", _("有效")


def capacity_of(posting) -> str:
    """In what capacity: deputy for, or successor of, another person."""
    if posting.deputy_for:
        return _("代 %(name)s") % {"name": posting.deputy_for.user.name}
    if posting.takes_over:
        return _("接 %(name)s") % {"name": posting.takes_over.user.name}
    return ""


class AccountTable(tables.Table):
    name = tables.Column()
    username = tables.Column()
    postings = tables.Column(
        verbose_name=gettext_lazy("任职"), orderable=False, empty_values=(), accessor="held"
    )
    phone = tables.Column(orderable=False, default="—")
    state = tables.Column(verbose_name=gettext_lazy("状态"), accessor="is_active", orderable=False)

    exports = True

    class Meta:
        empty_text = gettext_lazy("还没有账号")
        attrs = {"aria-label": gettext_lazy("账号")}

    def render_name(self, record):
        return format_html(
            '<a href="{}">{}</a>', reverse("registry:account-detail", args=[record.pk]), record.name
        )

    def value_name(self, record):
        return record.name

    def _postings(self, record):
        for posting in record.held:
            said = f"{posting.unit.short} {posting.get_role_display()}"
            yield said if posting.confirmed_at else f"{said} ({_('等确认')})"

    def render_postings(self, record):
        return (
            format_html_join(mark_safe("<br>"), "{}", ((s,) for s in self._postings(record))) or "—"
        )

    def value_postings(self, record):
        return " | ".join(self._postings(record))

    def render_state(self, record):
        return render_to_string("components/status.html", status(*state_of_account(record)))

    def value_state(self, record):
        return state_of_account(record)[1]


class PostingTable(tables.Table):
    user = tables.Column(order_by=("user__username", "pk"))
    role = tables.Column()
    unit = tables.Column(order_by=("unit__sort_no", "unit__sort_key", "pk"))
    valid_from = tables.Column(order_by=("valid_from", "pk"), attrs=NUMBERS)
    valid_to = tables.Column(order_by=("valid_to", "pk"), attrs=NUMBERS, empty_values=())
    state = tables.Column(
        verbose_name=gettext_lazy("状态"), accessor="confirmed_at", orderable=False, empty_values=()
    )
    deeds = tables.Column(verbose_name="", accessor="pk", orderable=False, exclude_from_export=True)

    exports = True

    class Meta:
        empty_text = gettext_lazy("还没有任职")
        attrs = {"aria-label": gettext_lazy("任职")}

    def __init__(self, *args, today, viewer, csrf_token="", back="", **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.viewer = today, viewer
        self.csrf_token, self.back = csrf_token, back
        self.decides = viewer.has_perm("common.confirm_rights")
        self.manages = viewer.has_perm("common.manage_accounts")

    def render_user(self, record):
        return format_html(
            '<a href="{}">{}</a><small>{}</small>',
            reverse("registry:account-detail", args=[record.user_id]),
            record.user.name,
            record.user.username,
        )

    def value_user(self, record):
        return f"{record.user.name} ({record.user.username})"

    def render_role(self, record):
        capacity = capacity_of(record)
        small = format_html("<small>{}</small>", capacity) if capacity else ""
        return format_html("{}{}", record.get_role_display(), small)

    def value_role(self, record):
        return f"{record.get_role_display()} {capacity_of(record)}".strip()

    def render_valid_from(self, record):
        return cndate(record.valid_from)

    def value_valid_from(self, record):
        return record.valid_from

    def render_valid_to(self, record):
        return cndate(record.valid_to) or "—"

    def value_valid_to(self, record):
        return record.valid_to

    def render_state(self, record):
        shown = render_to_string(
            "components/status.html", status(*state_of_posting(record, self.today))
        )
        asked = record.proposed_by if record.confirmed_at is None else None
        if record.end_proposed_on:
            said = _("到 %(day)s 为止") % {"day": cndate(record.end_proposed_on)}
        elif asked:
            said = _("%(name)s 提出") % {"name": asked.name}
        else:
            return shown
        return format_html("{}<small>{}</small>", shown, said)

    def value_state(self, record):
        return state_of_posting(record, self.today)[1]

    def render_deeds(self, record):
        return render_to_string(
            "registry/_posting_deeds.html",
            {
                "posting": record,
                "decides": self.decides,
                "manages": self.manages,
                "own": self.viewer.pk in (record.user_id, record.proposed_by_id),
                "over": record.valid_to is not None and record.valid_to < self.today,
                "csrf_token": self.csrf_token,
                "back": self.back,
            },
        )
