"""Background work of the intake."""

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import JobFault, job
from intake import keeping
from intake.faults import Unusable
from intake.forms.long import KIND as FORM
from intake.forms.long import make_long
from intake.models import Upload
from intake.services.checks import run_check
from intake.services.commits import run_commit
from intake.services.marking import KIND as MARK
from intake.services.marking import make_marked


@job("intake.check", label=_("查导入的表"))
def check(running, *, upload, **_later):
    found = Upload.objects.get(pk=upload)
    run_check(found, by=running.asked_by, at=clock.now(), progress=running.progress)


@job("intake.commit", label=_("写入导入的表"))
def commit(running, *, upload, **_later):
    found = Upload.objects.get(pk=upload)
    run_commit(found, by=running.asked_by, at=clock.now(), progress=running.progress)


@job(MARK, label=_("制作标红的表"))
def mark(running, *, upload, **_later):
    try:
        make_marked(Upload.objects.get(pk=upload), by=running.asked_by)
    except Unusable as reason:
        raise JobFault(reason.message) from None


@job(FORM, label=_("制作预填表"))
def fill_form(running, *, slug, unit, period, facts, reason, language="zh-hans", **_later):
    return make_long(
        running.asked_by,
        slug=slug,
        unit=unit,
        period=period,
        facts=facts,
        reason=reason,
        language=language,
    )


@job("intake.clear_kept", label=_("清理过期的原件和预览"), nightly=True)
def clear_kept(_running, **_later):
    keeping.clear_kept(at=clock.now())
