"""Every night what children are to get follows where they go to school."""

from registry.models import Enrolment
from subsidies.jobs import expect_awards
from subsidies.models import Award
from subsidies.services.standards import load_standards
from tests.cast import TODAY
from tests.intake.rosters import make_school
from tests.subsidies.need import at_school, recognised


def test_a_child_that_boards_now_is_expected_more(east, clock_at):
    clock_at(TODAY)
    load_standards()
    recognised(at_school(make_school("阿左旗第一小学", east), "13"), "2025/26-1")
    assert expect_awards(None)["made"] == 1
    assert str(Award.objects.get().amount) == "312.50"
    Enrolment.objects.update(boards=True)
    assert expect_awards(None) == {"term": "2025/26-1", "made": 0, "changed": 1, "gone": 0}
    assert str(Award.objects.get().amount) == "625.00"
