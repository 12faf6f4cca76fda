"""What a line in the inbox, an order or an event of the log can point at in student aid."""

from django.utils.translation import gettext_lazy as _

from common.subjects import subject
from subsidies.models import Award, NoticeRun, Programme, Recognition, Standard

RECOGNITIONS, STANDARDS = "subsidies.view_recognition", "subsidies.view_standard"


def _programmes(user):
    return Programme.objects.offered_to(user, STANDARDS).distinct()


subject(
    Recognition,
    label=_("困难认定"),
    visible_to=lambda user: Recognition.objects.visible_to(user, RECOGNITIONS),
    cleared=lambda one, on: one.is_over or one.state == Recognition.State.FILED,
)
subject(
    NoticeRun,
    label=_("认定公示"),
    visible_to=lambda user: NoticeRun.objects.visible_to(user, RECOGNITIONS),
    cleared=lambda notice, on: bool(notice.filed_at or notice.taken_down_at),
)
subject(
    Award,
    label=_("应发资助"),
    visible_to=lambda user: Award.objects.visible_to(user, RECOGNITIONS),
)
subject(Programme, label=_("资助项目"), visible_to=_programmes)
subject(
    Standard,
    label=_("资助标准"),
    visible_to=lambda user: Standard.objects.filter(programme__in=_programmes(user)),
    cleared=lambda standard, on: standard.judges,
)
