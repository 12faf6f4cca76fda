"""What student aid does outside a request."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import job
from common.periods import Kind, Period
from registry.models import Unit
from subsidies.models import PaymentBatch, Programme
from subsidies.services import matching, notice_ends, screening
from subsidies.services.awards import Expected, expect
from subsidies.services.preparing import FILL, fill_batch
from subsidies.services.standards import EXPECT_AGAIN


@job("subsidies.expect", label=_("按在籍、认定和标准计算应发资助"), nightly=True)
def expect_awards(_running, **_later):
    """Who goes where and who boards has changed since yesterday; safe to repeat."""
    term = Period.of(Kind.TERM, clock.today()).code
    return {"term": term, **_told(expect(term, _everywhere(), clock.now()))}


@job("subsidies.notices", label=_("公示期满，提醒备案"), nightly=True)
def tell_of_notices(_running, **_later):
    """A notice is down by its date alone; this says so to who files. Safe to repeat."""
    return {"told": notice_ends.tell_of_ended(on=clock.today(), at=clock.now())}


@job(EXPECT_AGAIN, label=_("标准变了，重新计算应发资助"))
def expect_again(running, *, terms, **_later):
    """A standard was confirmed, changed or closed; safe to repeat."""
    done = Expected()
    for number, term in enumerate(terms):
        running.progress(number, len(terms))
        done += expect(term, _everywhere(), clock.now())
    return {"terms": len(terms), **_told(done)}


def _everywhere() -> list[Unit]:
    return list(Unit.objects.filter(kind=Unit.Kind.LEAGUE))


def _told(done: Expected) -> dict:
    return {"made": done.made, "changed": done.changed, "gone": done.gone}


@job(
    "subsidies.screen",
    label=_("核对资助：应助未助、重复、错额、错卡、迟发"),
    nightly=True,
    after=("subsidies.awards", "subsidies.payments", "subsidies.pairs", "registry.lists"),
)
def screen_aid(_running, **_later):
    """After every roster, recognition and list, and when only a day has gone by; safe to repeat."""
    today = clock.today()
    done = screening.screen(screening.open_terms(today), at=clock.now(), on=today)
    return {"raised": done.raised, "cleared": done.cleared}


@job(FILL, label=_("按应发名单填发放批次"))
def fill_a_batch(_running, *, batch, programme, paid_on, **_later):
    count = fill_batch(
        PaymentBatch.objects.get(pk=batch),
        Programme.objects.get(pk=programme),
        paid_on=date.fromisoformat(paid_on),
        on=clock.today(),
    )
    return {"rows": count}


@job(
    matching.JOB,
    label=_("部门名单与学生、监护人比对"),
    nightly=True,
    after=("registry.lists",),
)
def match_lists(_running, **_later):
    """What exact numbers leave: suggestions for people. Safe to repeat: pairs are written anew."""
    return matching.match_members(on=clock.today())
