"""The pages of comparisons: whose runs one sees, how a pair is decided, what a start refuses."""

from datetime import date

import pytest

from common import masks
from common.models import Event
from dropout.models import Comparison, Episode, Pair
from dropout.services import comparisons
from registry.models import MatchDecision, Verdict
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import id_number, make_child, make_school
from tests.dropout.cases import suspected
from tests.dropout.lists import MONTH, age_list, entry

pytestmark = pytest.mark.django_db
NUMBER = id_number(1)
WRONG = NUMBER[:16] + str((int(NUMBER[16]) + 1) % 10) + NUMBER[17:]


@pytest.fixture
def by(officer, east, clock_at):
    clock_at(TODAY)
    return officer(east)


@pytest.fixture
def comparison(east, by) -> Comparison:
    """A mistyped number to decide, and a child in no record."""
    child = make_child("格日勒", make_school("演示小学", east), number=NUMBER)
    child.born_on = date(2015, 9, 1)
    child.save()
    listed = age_list(east)
    entry(listed, WRONG, "格日勒")
    entry(listed, id_number(2), "乌云其其格", banner=east)
    made = comparisons.start_comparison(
        "NEVER_ENROLLED", unit=east, by=by, at=NOW, on=TODAY, lists=[listed.pk]
    )
    comparisons.run_comparison(made, at=NOW)
    made.refresh_from_db()
    return made


def address(comparison: Comparison, deed: str = "") -> str:
    return f"/dropout/comparisons/{comparison.pk}/{deed}"


def suggested(comparison) -> Pair:
    return comparison.pairs.get(outcome="SUGGESTED")


def decide(client, pair: Pair, verdict: str, seen: int = 0):
    asked = {"verdict": verdict, "seen": seen}
    return client.post(f"/dropout/comparisons/pairs/{pair.pk}/", asked, follow=True)


# Starting ------------------------------------------------------------------------------------------
def start(client, **asked):
    return client.post("/dropout/comparisons/new/", asked, follow=True)


def test_a_run_is_started_from_chosen_lists(client, by, east):
    listed = age_list(east)
    client.force_login(by)
    page = start(client, kind="NEVER_ENROLLED", unit=east.pk, age_lists=[listed.pk])
    made = Comparison.objects.get()
    assert page.redirect_chain[-1][0] == address(made) and made.inputs == {"lists": [listed.pk]}


@pytest.mark.parametrize(
    "asked, field",
    [
        ({"kind": "NEVER_ENROLLED"}, "age_lists"),
        ({"kind": "ABSENT"}, "month"),
        ({"kind": "ABSENT", "month": MONTH}, "month"),
        ({"kind": "POVERTY", "outside_lists": ["x"]}, "outside_lists"),
        ({"kind": "OTHER"}, "kind"),
    ],
)
def test_a_start_without_its_list_is_refused_at_the_field(client, by, east, asked, field):
    client.force_login(by)
    page = start(client, unit=east.pk, **asked)
    assert page.status_code == 422 and list(page.context["form"].errors) == [field]
    assert not Comparison.objects.exists()


def test_a_neighbours_list_and_unit_cannot_be_chosen(client, by, east, west):
    client.force_login(by)
    theirs = age_list(west)
    page = start(client, kind="NEVER_ENROLLED", unit=east.pk, age_lists=[theirs.pk])
    assert "age_lists" in page.context["form"].errors
    page = start(client, kind="NEVER_ENROLLED", unit=west.pk, age_lists=[theirs.pk])
    assert {"age_lists", "unit"} <= set(page.context["form"].errors)


def test_a_list_of_another_unit_is_no_list_of_the_chosen_one(client, officer, league, east, west):
    client.force_login(officer(league, Role.BUREAU))
    asked = {"kind": "NEVER_ENROLLED", "unit": east.pk, "age_lists": [age_list(west).pk]}
    assert "age_lists" in start(client, **asked).context["form"].errors


# Whose runs ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("posted_at, status", [("league", 200), ("east", 200), ("west", 404)])
def test_a_run_is_seen_by_its_unit_only(client, officer, request, comparison, posted_at, status):
    client.force_login(officer(request.getfixturevalue(posted_at)))
    assert client.get(address(comparison)).status_code == status
    listed = client.get("/dropout/comparisons/").content.decode()
    assert (address(comparison) in listed) is (status == 200)
    found = client.get("/dropout/comparisons/found/").content.decode()
    assert ("乌云其其格" in found) is (status == 200)
    assert decide(client, suggested(comparison), "SAME").status_code == status
    for deed in ("again/", "cases/"):
        answer = client.post(address(comparison, deed)).status_code
        assert answer == (302 if status == 200 else 404)


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.SUPERVISOR])
def test_who_runs_no_comparison_has_no_such_page(client, officer, east, comparison, role):
    client.force_login(officer(east, role))
    for page in ("/dropout/comparisons/", address(comparison), "/dropout/comparisons/found/"):
        assert client.get(page).status_code == 403


# Deciding ------------------------------------------------------------------------------------------
def test_a_pair_explains_itself_beside_each_other_and_masked(client, by, comparison):
    client.force_login(by)
    page = client.get(address(comparison)).content.decode()
    assert "身份证号错一位，改正后相同" in page and page.count("格日勒") == 2
    assert NUMBER not in page and WRONG not in page
    assert ">出生日期</th>" in page and "相近" in page and "NUMBER" not in page
    assert page.count(masks.id_number(NUMBER)) == 1 and page.count(masks.id_number(WRONG)) == 1
    assert Event.objects.filter(verb="dropout.comparison_read").count() == 1


def test_a_decision_is_kept_and_can_be_taken_back(client, by, comparison):
    client.force_login(by)
    pair = suggested(comparison)
    assert "没有要定的了" in decide(client, pair, "SAME").content.decode()
    page = client.get(f"{address(comparison)}?pair={pair.pk}").content.decode()
    assert "定过：同一人" in page and "撤回结论" in page
    assert "1 对要由人定" in decide(client, pair, "OPEN", seen=1).content.decode()
    assert MatchDecision.objects.get().verdict == Verdict.OPEN


def test_a_stale_page_is_told_and_decides_nothing(client, by, comparison):
    client.force_login(by)
    decide(client, suggested(comparison), "SAME")
    page = decide(client, suggested(comparison), "DIFFERENT").content.decode()
    assert "别人刚定过" in page and MatchDecision.objects.get().verdict == Verdict.SAME


@pytest.mark.parametrize("verdict, seen", [("MAYBE", 0), ("SAME", "x"), ("", "")])
def test_a_broken_decision_is_no_fault(client, by, comparison, verdict, seen):
    client.force_login(by)
    assert "再点一次" in decide(client, suggested(comparison), verdict, seen).content.decode()
    assert not MatchDecision.objects.exists()


@pytest.mark.parametrize("pair", ["x", "0", "999999999999999999999"])
def test_a_pair_of_no_use_shows_the_next_one(client, by, comparison, pair):
    client.force_login(by)
    assert "1 对要由人定" in client.get(f"{address(comparison)}?pair={pair}").content.decode()


# What follows --------------------------------------------------------------------------------------
def test_cases_are_opened_once_and_shown(
    client, by, comparison, django_capture_on_commit_callbacks
):
    client.force_login(by)
    assert "给 1 名孩子开疑似个案" in client.get(address(comparison)).content.decode()
    client.post(address(comparison, "cases/"))
    comparisons.open_cases(comparison, by=by, at=NOW)
    assert (
        "没有要开的个案" in client.post(address(comparison, "cases/"), follow=True).content.decode()
    )
    case = Episode.objects.get().case
    found = client.get(f"/dropout/comparisons/found/?run={comparison.pk}").content.decode()
    assert case.get_absolute_url() in found


def test_a_childs_open_case_stands_beside_what_was_found(client, by, east, comparison):
    child = make_child("有案的孩子", residence=east)
    episode = suspected(child, by)
    Pair.objects.create(comparison=comparison, outcome="UNTOLD", student=child)
    client.force_login(by)
    where = "/dropout/comparisons/found/"
    assert episode.get_absolute_url() in client.get(where).content.decode()
    assert episode.get_state_display() in client.get(f"{where}?export=csv").content.decode()


def test_the_same_lists_are_compared_again(client, by, comparison):
    client.force_login(by)
    client.post(address(comparison, "again/"))
    again = Comparison.objects.latest("pk")
    assert again.pk != comparison.pk and again.inputs == comparison.inputs


@pytest.mark.parametrize(
    "query, shown", [("", 2), ("outcome=MISSING", 1), ("outcome=x", 0), ("run=x", 0)]
)
def test_what_was_found_is_narrowed_and_exported(client, by, comparison, query, shown):
    client.force_login(by)
    page = client.get(f"/dropout/comparisons/found/?{query}")
    assert len(page.context["table"].rows) == shown
    file = client.get(f"/dropout/comparisons/found/?{query}&export=csv").content.decode()
    assert ("乌云其其格" in file) is (shown > 0) and NUMBER not in file


def test_lists_ask_as_much_for_many_as_for_one(
    client, by, east, comparison, django_assert_max_num_queries
):
    client.force_login(by)
    for _n in range(10):
        pair = comparison.pairs.get(outcome="MISSING")
        Pair.objects.create(comparison=comparison, outcome="UNTOLD", entry=pair.entry)
    with django_assert_max_num_queries(15):
        client.get("/dropout/comparisons/found/")
    with django_assert_max_num_queries(12):
        client.get("/dropout/comparisons/")
