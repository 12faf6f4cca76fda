"""What student aid does outside a request."""

from django.utils.translation import gettext_lazy as _

from common import clock
from common.jobs import job
from common.periods import Kind, Period
from registry.models import Unit
from subsidies.services.awards import expect


@job("subsidies.expect", label=_("按在籍、认定和标准计算应发资助"), nightly=True)
def expect_awards(_running, **_later):
    """Who goes where and who boards has changed since yesterday; safe to repeat."""
    term = Period.of(Kind.TERM, clock.today()).code
    league = Unit.objects.filter(kind=Unit.Kind.LEAGUE)
    done = expect(term, list(league), clock.now())
    return {"term": term, "made": done.made, "changed": done.changed, "gone": done.gone}
