"""Correcting a cause and the answer to a look: with a reason, by who may, and kept for good."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dropout.models import Case, Correction, Episode, State, Watch
from registry.roles import Role
from tests.cast import TODAY
from tests.children import make_child, make_school
from tests.dropout.cases import attended, confirmed, returned

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("左旗一小", east)


@pytest.fixture
def official(client, officer, east):
    user = officer(east, name="乌日娜")
    client.force_login(user)
    return user


@pytest.fixture
def out(official, school):
    day = TODAY - 100 * DAY
    child = make_child("那仁", school=school, since=day - 400 * DAY)
    return confirmed(child, official, on=day, cause="HEALTH")


def page_of(case, code: str) -> str:
    return reverse(f"dropout:case-{code}", args=[case.pk])


def timeline(client, case) -> str:
    return client.get(case.get_absolute_url()).content.decode()


def seen(case) -> int:
    return Case.objects.get(pk=case.pk).version


# The cause -----------------------------------------------------------------------------------------
def test_a_cause_is_corrected_with_a_reason(client, out):
    facts = {"cause": "WORK", "seen": seen(out.case)}
    answer = client.post(page_of(out.case, "correct-cause"), facts)
    assert answer.status_code == 422 and "reason" in answer.context["form"].errors
    facts["reason"] = "家访问清"
    assert client.post(page_of(out.case, "correct-cause"), facts).status_code == 302
    assert Episode.objects.get(pk=out.pk).cause == "WORK"
    page = timeline(client, out.case)
    assert "更正原因" in page and "原来 另行记载，改为 外出打工" in page
    assert "家访问清" not in page and "身体原因" not in page, "not before it is unmasked"


def test_an_overtaken_correction_changes_nothing(client, out, official):
    facts = {"cause": "WORK", "reason": "家访问清", "seen": seen(out.case) - 1}
    answer = client.post(page_of(out.case, "correct-cause"), facts)
    assert answer.status_code == 422 and "别人刚改过" in answer.content.decode()
    assert not Correction.objects.exists()


def test_a_cause_is_not_corrected_to_no_cause(client, out):
    facts = {"reason": "家访问清", "seen": seen(out.case)}
    for cause in ("", "GUARDED", "NO"):
        form = client.post(page_of(out.case, "correct-cause"), facts | {"cause": cause}).context[
            "form"
        ]
        assert "cause" in form.errors
    other = client.post(page_of(out.case, "correct-cause"), facts | {"cause": "OTHER"}).context[
        "form"
    ]
    assert "cause_detail" in other.errors


def test_only_who_keeps_the_case_corrects_its_cause(client, out, officer, school, west):
    for unit, role, answer in ((west, Role.OFFICIAL, 404), (school, Role.SCHOOL, 403)):
        client.force_login(officer(unit, role))
        assert client.get(page_of(out.case, "correct-cause")).status_code == answer


# A look --------------------------------------------------------------------------------------------
@pytest.fixture
def looked(out, school, official):
    placement = attended(returned(out, school, official, on=TODAY - 60 * DAY), official)
    watch = placement.watches.order_by("days").first()
    Watch.objects.filter(pk=watch.pk).update(
        answered_on=TODAY - 25 * DAY, answer="LEFT", answered_by=official
    )
    Episode.objects.filter(pk=out.pk).update(planned_on=TODAY - 25 * DAY)
    return watch


def test_an_answer_is_corrected_by_the_school(client, looked, out, officer, school):
    client.force_login(officer(school, Role.SCHOOL))
    address = reverse("dropout:watch-correct", args=[looked.pk])
    assert address in timeline(client, out.case)
    facts = {"answer": "PRESENT", "reason": "点名册看错行", "seen": seen(out.case)}
    assert client.post(address, facts | {"reason": " "}).status_code == 422
    assert client.post(address, facts).status_code == 302
    assert Watch.objects.get(pk=looked.pk).answer == "PRESENT"
    episode = Episode.objects.get(pk=out.pk)
    assert (episode.state, episode.planned_on) == (State.WATCHED, None), "not due because of it"
    page = timeline(client, out.case)
    assert (
        "更正第 30 天回访" in page and "原来 已不在校，改为 在校" in page and "点名册看错行" in page
    )
    assert client.post(address, facts).status_code == 422, "the second click is overtaken"


def test_an_answer_of_an_ended_or_changed_placement_is_not_corrected(
    client, looked, out, west, officer
):
    address = reverse("dropout:watch-correct", args=[looked.pk])
    client.force_login(officer(west))
    assert client.get(address).status_code == 404
    Watch.objects.filter(pk=looked.pk).update(answered_on=None, answer="", answered_by=None)
    client.force_login(out.case.episodes.get().placements.get().recorded_by)
    assert client.get(address).status_code == 404, "what is not answered is answered"


def test_the_reason_is_read_by_who_has_unmasked_the_child(client, out):
    facts = {"cause": "WORK", "reason": "家访问清", "seen": seen(out.case)}
    client.post(page_of(out.case, "correct-cause"), facts)
    client.post(page_of(out.case, "unmask"), {"reason": "CONTACT"})
    page = timeline(client, out.case)
    assert "家访问清" in page and "原来 身体原因不具备学习能力，改为 外出打工" in page
