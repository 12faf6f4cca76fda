"""A thousand cases: every page asks as many questions as with a few, of whoever sees only some."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dropout.models import Case, Episode, State, Visit
from registry.models import Student, Unit
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import make_school
from tests.dropout.rows import confirmed

MANY = 1000
PAGES = (
    "/dropout/",
    "/dropout/?sort=-next_on&page=7",
    "/dropout/?state=CONFIRMED&group=POVERTY_EXIT",
    "/dropout/?whose=MINE",
    "/dropout/board/",
    "/dropout/bulk/",
    "/dropout/watches/",
    "/dropout/moved/?move=open&period=2025-10&unit={unit}",
    "/overview/dropout/?unit={unit}",
)


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def places(units, east, west):
    towns = [one for one in units.values() if one.kind == Unit.Kind.TOWNSHIP][:20]
    return {"unit": east, "towns": towns, "school": make_school("左旗一小", east), "away": west}


def add_cases(count: int, places, officer, by) -> list[Case]:
    """Nine of ten of the banner, one of its neighbour; a quarter of them kept by one person."""
    children = Student.objects.bulk_create(Student(name="那仁") for _n in range(count))
    towns = places["towns"]
    cases = Case.objects.bulk_create(
        Case(
            student=child,
            unit=places["away"] if n % 10 == 0 else places["unit"],
            school=places["school"],
            township=towns[n % len(towns)],
            opened_at=NOW,
        )
        for n, child in enumerate(children)
    )
    found = TODAY - timedelta(days=20)
    episodes = Episode.objects.bulk_create(
        Episode(
            case=case,
            source="TOLD",
            found_on=found,
            officer=officer if n % 4 == 0 else None,
            next_on=TODAY + timedelta(days=n % 30 - 10),
            **(confirmed() if n % 2 else {"state": State.SUSPECTED, "state_since": found}),
        )
        for n, case in enumerate(cases)
    )
    Visit.objects.bulk_create(
        Visit(
            episode=one,
            on=found + timedelta(days=n),
            visitor="巴图",
            way="HOME",
            result="HESITATES",
            recorded_by=by,
            recorded_at=NOW,
        )
        for one in episodes
        for n in range(3)
    )
    return cases


@pytest.mark.parametrize(
    "role",
    [
        Role.OFFICIAL,
        Role.SCHOOL,
        pytest.param(Role.SUPERVISOR, marks=pytest.mark.long),
    ],
)
def test_every_page_asks_the_same_of_ten_cases_and_of_a_thousand(
    client, officer, places, league, role
):
    at = {Role.OFFICIAL: places["unit"], Role.SCHOOL: places["school"], Role.SUPERVISOR: league}
    keeper = officer(at[role], role)
    client.force_login(keeper)

    def asked(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(address.format(unit=places["unit"].pk))
        assert answer.status_code in (200, 403, 404), address
        return len(queries)

    add_cases(60, places, keeper, keeper)
    [asked(page) for page in PAGES]
    few = {page: asked(page) for page in PAGES}
    cases = add_cases(MANY - 60, places, keeper, keeper)
    many = {page: asked(page) for page in PAGES}
    assert many == few
    assert max(many.values()) <= 40, many
    assert asked(cases[1].get_absolute_url()) <= 60


def test_ones_own_cases_by_next_date_the_late_ones_first_in_colour_and_words(
    client, officer, places
):
    keeper = officer(places["unit"])
    client.force_login(keeper)
    add_cases(MANY, places, keeper, keeper)
    answer = client.get("/dropout/?whose=MINE")
    rows = list(answer.context["table"].page.object_list)
    days = [row.record.next_on for row in rows]
    assert {row.record.officer for row in rows} == {keeper}
    assert days == sorted(days) and days[0] < TODAY
    page = answer.content.decode()
    assert 'class="is-late"' in page and "逾期 10 天" in page
    last = client.get("/dropout/?whose=MINE&page=99").content.decode()
    assert "还有" in last and "逾期 " not in last.split("<tbody")[1]
