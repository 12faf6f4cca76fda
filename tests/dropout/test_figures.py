"""Figures of cases are worked out together: the same answers as one by one, for two questions."""

from datetime import date

import pytest

from common import figures
from common.periods import Period
from dropout.services import touched
from registry.models import Unit
from tasks_app.services.standings.live import Asked
from tests.cast import TODAY
from tests.children import make_child, make_school
from tests.dropout.cases import one_of_each

SEPTEMBER = Period.parse("2025-09")


@pytest.fixture
def places(officer, east, clock_at):
    """Cases of every kind in one banner, and none in the others."""
    clock_at(TODAY)
    school = make_school("测试小学", east)
    make_child(school=school, grade="11")
    one_of_each(east, school, officer(east), on=date(2025, 9, 10))
    return list(Unit.objects.filter(kind__in=("LEAGUE", "BANNER", "ZONE")))


def test_two_questions_answer_every_figure_of_cases(places, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = figures.get(touched.OPEN).with_its_kin(period=SEPTEMBER, units=places)
    assert set(found) == set(touched.OF_CASES)
    for code, answers in found.items():
        assert answers == figures.get(code).compute(period=SEPTEMBER, units=places) != {}


def test_a_figure_by_itself_is_its_own_kin(places):
    lessons = figures.get(touched.LESSONS)
    alone = lessons.compute(period=SEPTEMBER, units=places)
    assert lessons.with_its_kin(period=SEPTEMBER, units=places) == {touched.LESSONS: alone}


def test_who_wants_a_second_figure_has_it_already(places, django_assert_num_queries):
    asked = Asked()
    first = asked.ask(touched.OPEN, SEPTEMBER, places)
    assert len(first) < len(places), "a unit without an answer has been asked too"
    with django_assert_num_queries(0):
        for code in touched.OF_CASES:
            assert set(asked.ask(code, SEPTEMBER, places)) == set(first)


def test_a_unit_that_comes_later_is_asked_then(places, east, league):
    asked = Asked()
    assert set(asked.ask(touched.OPEN, SEPTEMBER, [east])) == {east.pk}
    assert set(asked.ask(touched.OPEN_POVERTY, SEPTEMBER, [east, league])) == {east.pk, league.pk}


def test_one_code_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        figures.kindred({touched.OPEN: "again"}, source="", rows=lambda code: None)(lambda: None)
