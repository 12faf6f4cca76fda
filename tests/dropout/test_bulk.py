"""One deed on many cases: a result for each, in lots that stand by themselves, of all the filter finds."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from common import jobs
from common.models import Event, Job
from dropout.models import BulkDeed, Case, Episode, NotDropout
from dropout.services import bulk, cases
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import make_child, make_school
from tests.dropout.cases import after, moment, suspected
from tests.dropout.rows import make_case

BULK, LIST = "/dropout/bulk/", "/dropout/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def by(officer, east):
    return officer(east)


@pytest.fixture
def official(client, by):
    client.force_login(by)
    return by


def work(keys, by, **facts):
    """The deed, worked to its end."""
    deed = bulk.ask_bulk(keys, by=by, at=moment(after(2)), **facts)
    bulk.run_bulk(deed, at=moment(after(2)))
    deed.refresh_from_db()
    return deed


def told(deed) -> dict:
    return dict(deed.lines.values_list("case", "refused"))


# The deed ------------------------------------------------------------------------------------------
def test_each_row_has_its_result_and_none_stops_the_others(by, officer, east, west, monkeypatch):
    monkeypatch.setattr(bulk, "LOT", 2)
    found = [suspected(make_child(residence=east), by) for _n in range(5)]
    cases.rule_out(found[0], reason=NotDropout.DIED, proof="证明", by=by, at=moment(after(1)))
    away = suspected(make_child(residence=west), by)
    keys = [one.case_id for one in [*found, away, found[1]]]
    deed = work(keys, by, officer=by)
    assert [told(deed)[pk] for pk in keys] == ["ended", "", "", "", "", "not_yours", ""]
    assert Episode.objects.filter(officer=by).count() == 4
    assert told(work(keys[1:2], by, officer=by)) == {keys[1]: "unchanged"}
    both = work(keys[1:3], by, officer=officer(west), planned_on=after(30))
    assert set(told(both).values()) == {"not_theirs"}, "the day is set all the same"
    assert set(Episode.objects.filter(planned_on=after(30)).values_list("next_on", flat=True)) == {
        after(30)
    }
    assert set(told(work(keys[1:3], by, planned_on=after(-1))).values()) == {"before_found"}


def test_a_case_grows_so_that_an_older_form_is_told(by, east):
    case = suspected(make_child(residence=east), by).case
    seen = Case.objects.get(pk=case.pk).version
    work([case.pk], by, planned_on=after(9))
    assert Case.objects.get(pk=case.pk).version == seen + 1


def test_what_a_person_may_not_do_any_more_is_not_done(by, east):
    episode = suspected(make_child(residence=east), by)
    by.postings.update(valid_to=after(-400))
    assert set(told(work([episode.case_id], by, planned_on=after(9))).values()) == {"not_yours"}
    assert Episode.objects.get(pk=episode.pk).planned_on is None


def test_a_merged_case_is_gone(by, east):
    keep, drop = (suspected(make_child(residence=east), by).case for _n in range(2))
    Case.objects.filter(pk=drop.pk).update(merged_into=keep)
    assert told(work([drop.pk], by, planned_on=after(9))) == {drop.pk: "gone"}


def test_a_row_that_fails_is_told_and_the_others_are_done(by, east, monkeypatch):
    keys = [suspected(make_child(residence=east), by).case_id for _n in range(3)]
    true, odd = bulk._write, keys[1]

    def write(episodes, *, on):
        if odd in {one.case_id for one in episodes}:
            raise DatabaseError("a name that must not be told")
        true(episodes, on=on)

    monkeypatch.setattr(bulk, "_write", write)
    assert told(work(keys, by, planned_on=after(9))) == {keys[0]: "", odd: "failed", keys[2]: ""}
    planned = Episode.objects.filter(planned_on=after(9)).values_list("case", flat=True)
    assert set(planned) == {keys[0], keys[2]}


def test_what_was_killed_goes_on_where_it_stopped(by, east, monkeypatch):
    monkeypatch.setattr(bulk, "LOT", 2)
    keys = [suspected(make_child(residence=east), by).case_id for _n in range(5)]
    deed = bulk.ask_bulk(keys, officer=by, by=by, at=moment(after(2)))

    class Killed(BaseException):
        pass

    def die(done, _total):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        bulk.run_bulk(deed, at=moment(after(2)), progress=die)
    assert deed.lines.all().done().count() == 2
    assert not BulkDeed.objects.get(pk=deed.pk).finished_at
    for _twice in range(2):
        assert bulk.run_bulk(deed, at=moment(after(3))) == {"done": 5}, "none is unchanged"
    assert Event.objects.filter(verb="dropout.bulk_finished").count() == 1


def test_nothing_to_do_is_no_deed(by, east):
    case = suspected(make_child(residence=east), by).case
    for keys, facts in (([], {"officer": by}), ([case.pk], {})):
        with pytest.raises(bulk.NothingAsked):
            bulk.ask_bulk(keys, by=by, at=NOW, **facts)


def test_the_same_few_questions_however_many_rows(by, east, django_assert_max_num_queries):
    keys = [make_case(east, child=make_child()).pk for _n in range(60)]
    deed = bulk.ask_bulk(keys, officer=by, by=by, at=NOW)
    with django_assert_max_num_queries(35):
        bulk.run_bulk(deed, at=NOW)


def test_the_job_holds_no_case_and_no_person(by, east):
    case = suspected(make_child(residence=east), by).case
    deed = bulk.ask_bulk([case.pk], officer=by, by=by, at=NOW)
    assert Job.objects.get(pk=deed.job_id).arguments == {"deed": deed.pk}
    assert jobs.run(deed.job_id)
    assert Job.objects.get(pk=deed.job_id).result == {"done": 1}


# The pages -----------------------------------------------------------------------------------------
@pytest.fixture
def many(official, east):
    school = make_school("左旗一小", east)
    return [
        cases.suspect(
            make_child(f"孩子{n}", school),
            source="TOLD",
            found_on=TODAY - n * DAY,
            by=official,
            at=NOW,
        )
        for n in range(3)
    ]


@pytest.fixture
def post(client, django_capture_on_commit_callbacks):
    """post(facts, query) -> the page of results: few rows are settled when it opens."""

    def send(facts, query=""):
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"{BULK}?{query}", facts)
        return client.get(answer.url) if answer.status_code == 302 else answer

    return send


def fresh(one):
    return Episode.objects.get(pk=one.pk)


def test_few_are_settled_at_once_with_a_result_for_each(client, many, official, post):
    page = client.get(BULK).content.decode()
    assert "成批安排 3 件个案" in page and 'name="count" value="3"' in page
    answer = post({"officer": official.pk, "planned_on": TODAY - DAY, "count": 3})
    shown = answer.content.decode()
    assert (
        "3 件里办了 2 件" in shown
        and "早于发现日期" in shown
        and "hx-get" not in shown.split('id="bulk"')[1][:90]
    )
    assert {fresh(one).officer for one in many} == {official}
    assert fresh(many[1]).planned_on == TODAY - DAY and fresh(many[0]).planned_on is None
    lines = client.get(f"{answer.request['PATH_INFO']}?export=csv").content.decode("utf-8-sig")
    assert lines.count("已办") == 2 and "孩子" not in lines


def test_a_list_that_has_changed_since_is_looked_at_again(client, many, post):
    answer = post({"planned_on": TODAY + DAY, "count": 2})
    assert answer.status_code == 422 and "现在是 3 件，刚才是 2 件" in answer.content.decode()
    assert 'name="count" value="3"' in answer.content.decode()
    assert fresh(many[0]).planned_on is None


def test_all_that_the_filter_shows_and_not_those_of_one_page(client, many, official, east, post):
    for _n in range(60):
        make_case(east, child=make_child(), found_on=TODAY)
    cases.arrange(many[0], officer=official, planned_on=None, by=official, at=NOW)
    assert len(client.get(LIST).context["table"].page.object_list) == 50
    post({"planned_on": TODAY + DAY}, "whose=NOBODY")
    assert Episode.objects.filter(planned_on=TODAY + DAY).count() == 62
    assert fresh(many[0]).planned_on is None
    post({"planned_on": TODAY + 2 * DAY}, "state=NONSENSE")
    assert not Episode.objects.filter(planned_on=TODAY + 2 * DAY).exists()


def test_those_ticked_are_those_of_the_list(client, many, east, west, post):
    away = make_case(west, child=make_child())
    page = client.get(LIST).content.decode()
    assert page.count('form="bulk"') == 3
    keys = f"case={many[1].case_id}&case={away.pk}&case=x&case={'9' * 20}&only=ticked"
    assert client.get(f"{BULK}?{keys}").context["count"] == 1
    post({"planned_on": TODAY + DAY}, keys)
    assert [fresh(one).planned_on for one in many] == [None, TODAY + DAY, None]
    nothing = client.get(f"{BULK}?only=ticked").content.decode()
    assert "先在列表里勾选" in nothing


@pytest.mark.parametrize("facts", [{}, {"officer": 999999}, {"planned_on": "x"}, {"count": "x"}])
def test_nothing_chosen_does_nothing(client, many, facts):
    assert client.post(BULK, facts).status_code == 422


def test_many_are_only_ones_own(client, many, officer, east, west, post):
    deed = bulk.ask_bulk(
        [many[0].case_id], officer=None, planned_on=TODAY, by=officer(east), at=NOW
    )
    assert client.get(deed.get_absolute_url()).status_code == 404, "a colleague's"
    client.force_login(officer(west))
    assert "没有可以安排的个案" in client.get(BULK).content.decode()
    post({"planned_on": TODAY + DAY})
    assert fresh(many[0]).planned_on is None
    client.force_login(officer(many[0].case.school, Role.SCHOOL))
    assert client.get(BULK).status_code == 403
    assert 'form="bulk"' not in client.get(LIST).content.decode()
