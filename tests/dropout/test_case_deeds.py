"""Every deed on its page: good, bad, overtaken, and by whom it may be done."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from common.models import Event
from dropout.models import (
    Case,
    CaseTransfer,
    Closing,
    Episode,
    HomeLesson,
    Notice,
    Placement,
    ResponsibleRole,
    State,
    Step,
    Visit,
    Watch,
)
from dropout.services import cases, closings, placements, steps, visits
from registry.roles import Role
from tests.cast import NOW, TODAY
from tests.children import give_guardian, id_number, make_child, make_school
from tests.dropout.papers import lines_of

DAY = timedelta(days=1)
FOUND, CONFIRMED, PLACED = (TODAY - timedelta(days=n) for n in (150, 140, 120))


@pytest.fixture(autouse=True)
def now(clock_at, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
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
def child(school):
    child = make_child("乌云其其格", school, id_number(1), born_on=date(2015, 9, 1))
    give_guardian(child, "其木格", phone="13904830001")
    return child


@pytest.fixture
def episode(child, official):
    return cases.suspect(child, source="TOLD", found_on=FOUND, by=official, at=NOW)


def confirm(episode, by):
    return cases.confirm(
        episode,
        kind="DROPPED_OUT",
        cause="LEARNING",
        on=CONFIRMED,
        left_on=CONFIRMED - 60 * DAY,
        by=by,
        at=NOW,
    )


@pytest.fixture
def out(episode, official):
    return confirm(episode, official)


@pytest.fixture
def placement(out, official, school):
    return placements.place(
        out,
        kind="SAME_CLASS",
        began_on=PLACED,
        school=school,
        grade="13",
        class_name="1班",
        by=official,
        at=NOW,
    )


@pytest.fixture
def watched(placement, official):
    placements.confirm_attendance(placement, on=PLACED + 60 * DAY, by=official, at=NOW)
    for watch in Watch.objects.all():
        placements.answer_watch(watch, answer="PRESENT", on=watch.due_on, by=official, at=NOW)
    return fresh(placement.episode)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def address(case, deed) -> str:
    return reverse(f"dropout:case-{deed}", args=[case.pk])


def do(client, case, deed, **facts):
    """Post the form of a deed as it stands on its page, with these facts."""
    facts = {name: value for name, value in facts.items() if value is not None}
    return client.post(address(case, deed), {"seen": fresh(case).version} | facts)


GOOD = {
    "arrange": {"planned_on": TODAY + DAY},
    "people": {"name": "额尔德尼", "phone": "13904830009"},
    "verify": {"on": TODAY},
    "confirm": {"kind": "DROPPED_OUT", "cause": "LEARNING", "on": TODAY, "left_on": FOUND},
    "rule-out": {"reason": "ENROLLED", "on": TODAY, "proof": "学籍证明"},
    "visit": {"on": TODAY, "way": "HOME", "visitor": "布和", "result": "HESITATES"},
}
BAD = {
    "arrange": [{"planned_on": "明天"}, {"planned_on": FOUND - DAY}, {"officer": 999999}],
    "people": [{"name": " "}, {"role": 999999}],
    "verify": [{"on": TODAY + DAY}, {"on": FOUND - DAY}, {"on": ""}],
    "confirm": [
        {"on": TODAY + DAY},
        {"cause": "OTHER"},
        {"cause": "GUARDED"},
        {"kind": "X"},
        {"left_on": TODAY + DAY},
        {"left_on": TODAY - DAY},
        {"left_on": ""},
        {"kind": "NEVER_ENROLLED"},
    ],
    "rule-out": [{"proof": "  "}, {"reason": ""}, {"on": TODAY + DAY}, {"on": FOUND - DAY}],
    "visit": [
        {"on": TODAY + DAY},
        {"on": FOUND - DAY},
        {"next_on": TODAY - DAY},
        {"visitor": ""},
        {"way": "鸽子"},
        {"result": ""},
        {"note": "长" * 501},
    ],
}


def good(deed) -> dict:
    facts = dict(GOOD[deed])
    if deed == "people":
        facts["role"] = ResponsibleRole.objects.in_use().first().pk
    return facts


@pytest.mark.parametrize("deed", GOOD)
def test_a_good_form_does_its_deed_once(client, episode, deed):
    case = episode.case
    assert client.get(address(case, deed)).status_code == 200
    before = fresh(case).version
    answer = do(client, case, deed, **good(deed))
    assert answer.status_code == 302 and answer.url == case.get_absolute_url()
    assert fresh(case).version == before + 1
    assert client.get(case.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("deed", BAD)
def test_a_bad_form_is_refused_at_its_field_and_writes_nothing(client, episode, deed):
    case = episode.case
    before = fresh(case).version
    for wrong in BAD[deed]:
        answer = do(client, case, deed, **good(deed) | wrong)
        page = answer.content.decode()
        assert answer.status_code == 422, wrong
        assert 'aria-invalid="true"' in page and "ax-err" in page, wrong
    assert fresh(case).version == before and not Visit.objects.exists()


@pytest.mark.parametrize("deed", GOOD)
def test_a_stale_form_writes_nothing_and_keeps_what_was_typed(client, episode, official, deed):
    case = fresh(episode.case)
    cases.arrange(episode, officer=None, planned_on=TODAY, by=official, at=NOW)
    answer = client.post(address(case, deed), {"seen": case.version} | good(deed))
    assert answer.status_code == 422 and "别人刚改过这件个案" in answer.content.decode()
    told = answer.context["form"].data
    assert all(str(told[name]) == str(value) for name, value in good(deed).items())
    again = {name: told[name] for name in told if name != "csrfmiddlewaretoken"}
    assert client.post(address(case, deed), again).status_code == 302


def test_a_neighbours_case_does_not_exist(client, episode, officer, west):
    client.force_login(officer(west))
    for deed in (*GOOD, "step", "notice", "place", "offer", "ask-closing", "leave-again", "reopen"):
        assert client.get(address(episode.case, deed)).status_code == 404, deed
        assert do(client, episode.case, deed).status_code == 404, deed


def test_a_school_records_visits_and_decides_nothing(client, episode, officer, school):
    client.force_login(officer(school, Role.SCHOOL))
    assert client.get(address(episode.case, "visit")).status_code == 200
    for deed in ("arrange", "confirm", "rule-out", "place", "step", "notice", "offer"):
        assert client.get(address(episode.case, deed)).status_code == 403, deed
    page = client.get(episode.case.get_absolute_url()).content.decode()
    assert "记劝返" in page and "确认失学" not in page.split("走到下一步")[0]


def test_a_supervisor_does_nothing(client, episode, officer, league):
    client.force_login(officer(league, Role.SUPERVISOR))
    for deed in GOOD:
        assert client.get(address(episode.case, deed)).status_code == 403


# Opening -------------------------------------------------------------------------------------------
def test_a_case_is_opened_from_the_page_of_a_child(client, official, child):
    page = client.get(child.get_absolute_url()).content.decode()
    new = reverse("dropout:case-new", args=[child.pk])
    assert new in page
    facts = {"source": "DOOR_TO_DOOR", "found_on": TODAY}
    answer = client.post(new, facts)
    case = Case.objects.get()
    assert answer.url == case.get_absolute_url()
    assert client.get(new).url == client.post(new, facts).url == case.get_absolute_url()
    assert Episode.objects.count() == 1


@pytest.mark.parametrize(
    "wrong, said",
    [({"found_on": TODAY + DAY}, "日期在今天以后"), ({"absent_since": TODAY + DAY}, "先后不对")],
)
def test_a_case_is_not_opened_with_wrong_dates(client, official, child, wrong, said):
    new = reverse("dropout:case-new", args=[child.pk])
    answer = client.post(new, {"source": "TOLD", "found_on": TODAY} | wrong)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Case.objects.exists()


def test_a_child_of_seventeen_gets_no_case(client, official, school):
    grown = make_child("大孩子", school, born_on=date(2008, 1, 1))
    new = reverse("dropout:case-new", args=[grown.pk])
    answer = client.post(new, {"source": "TOLD", "found_on": TODAY})
    assert answer.status_code == 422 and "义务教育年龄" in answer.content.decode()


def test_a_neighbours_child_gets_no_case(client, officer, west, child):
    client.force_login(officer(west))
    assert client.get(reverse("dropout:case-new", args=[child.pk])).status_code == 404


# Steps and documents -------------------------------------------------------------------------------
def test_steps_are_taken_or_skipped_in_order(client, out):
    case = out.case
    taken = {"done": "TAKEN", "taken_on": TODAY}
    early = do(client, case, "step", kind="ORDER", legal_basis="某法", **taken)
    assert early.status_code == 422 and "前一步还没办" in early.content.decode()
    bare = do(client, case, "step", kind="TEACHING", done="SKIPPED")
    assert bare.status_code == 422 and "跳过要写原因" in bare.content.decode()
    skipped = do(client, case, "step", kind="TEACHING", done="SKIPPED", skipped_because="已办过")
    assert skipped.status_code == 302
    unfounded = do(client, case, "step", kind="ORDER", **taken)
    assert unfounded.status_code == 422
    assert do(client, case, "step", kind="ORDER", legal_basis="某法", **taken).status_code == 302
    assert Step.objects.count() == 2


def issue(client, case, **over):
    facts = {
        "kind": "CORRECT_BY",
        "number": "某文〔2025〕1 号",
        "issued_on": TODAY,
        "issuer": "左旗",
        "addressee": "其木格",
        "deadline": TODAY + 14 * DAY,
    }
    return do(client, case, "notice", **facts | over)


def test_a_document_is_issued_fetched_served_and_withdrawn(client, out, official):
    answer = issue(client, out.case)
    notice = Notice.objects.get()
    assert answer.url == reverse("dropout:notice-detail", args=[notice.pk])
    file = client.get(reverse("dropout:notice-document", args=[notice.pk]))
    said = " ".join(lines_of(file.content))
    assert id_number(1) in said and "乌云其其格" in said and "2025年10月27日" in said
    assert "no-store" in file["Cache-Control"]
    assert "乌云" not in file["Content-Disposition"]
    event = Event.objects.get(verb="dropout.notice_made")
    assert event.after == {"kind": "CORRECT_BY", "fields": ["身份证号"]}
    serve = reverse("dropout:notice-serve", args=[notice.pk])
    facts = {"served_on": TODAY, "served_by": "LEFT", "seen": fresh(out.case).version}
    unseen = client.post(serve, facts)
    assert unseen.status_code == 422 and "留置送达要写见证人" in unseen.content.decode()
    assert client.post(serve, facts | {"witness": "嘎查达"}).status_code == 302
    assert fresh(notice).served_on == TODAY
    assert client.get(reverse("dropout:notice-detail", args=[notice.pk])).status_code == 200
    withdraw = reverse("dropout:record-withdraw", args=["notice", notice.pk])
    assert client.get(withdraw).status_code == 200
    assert client.post(withdraw, {"reason": "文号错了"}).status_code == 302
    assert fresh(notice).is_withdrawn


def test_a_bad_document_is_refused(client, out):
    for wrong, said in (
        ({"issued_on": TODAY + DAY}, "日期在今天以后"),
        ({"deadline": TODAY - DAY}, "日期先后不对"),
        ({"number": ""}, "这里要填"),
        ({"kind": "X"}, "ax-err"),
    ):
        answer = issue(client, out.case, **wrong)
        assert answer.status_code == 422 and said in answer.content.decode()
    assert not Notice.objects.exists()


def test_a_number_stands_once(client, out):
    issue(client, out.case)
    again = issue(client, out.case)
    assert again.status_code == 422 and "这个文号用过了" in again.content.decode()


def test_a_school_fetches_no_document(client, out, official, officer, school, west):
    issue(client, out.case)
    made = reverse("dropout:notice-document", args=[Notice.objects.get().pk])
    client.force_login(officer(school, Role.SCHOOL))
    assert client.get(made).status_code == 403
    client.force_login(officer(west))
    assert client.get(made).status_code == 404


# Placement, watch, closing -------------------------------------------------------------------------
PROOFS = [
    ({"kind": "SAME_CLASS", "grade": "13", "class_name": "1班"}, "school"),
    ({"kind": "SAME_CLASS", "class_name": "1班", "at": True}, "grade"),
    ({"kind": "JOINED_CLASS", "grade": "13", "at": True}, "class_name"),
    ({"kind": "DELAY", "document_number": "1", "ends_on": TODAY + DAY}, "authority"),
    ({"kind": "SUSPENSION", "authority": "局", "ends_on": TODAY + DAY}, "document_number"),
    ({"kind": "SUSPENSION", "authority": "局", "document_number": "1"}, "ends_on"),
    ({"kind": "HOME", "began_on": TODAY + DAY}, "began_on"),
    ({"kind": "HOME", "began_on": CONFIRMED - DAY}, "began_on"),
]


def test_each_placement_demands_its_proof(client, out, school):
    for facts, missing in PROOFS:
        place = {"began_on": TODAY, "school": school.pk if "at" in facts else ""}
        answer = do(client, out.case, "place", **place | facts)
        assert answer.status_code == 422 and missing in answer.context["form"].errors, facts
    assert not Placement.objects.exists()


def test_a_return_is_placed_seen_and_watched(client, out, school, officer):
    facts = {"kind": "SAME_CLASS", "began_on": PLACED, "school": school.pk, "grade": "13"}
    assert do(client, out.case, "place", class_name="1班", **facts).status_code == 302
    assert fresh(out).state == State.PLACED
    soon = do(client, out.case, "attend", on=PLACED)
    assert soon.status_code == 422 and "没到设置里规定的天数" in soon.content.decode()
    assert do(client, out.case, "attend", on=TODAY).status_code == 302
    assert fresh(out).state == State.WATCHED
    client.force_login(officer(school, Role.SCHOOL))
    page = client.get("/dropout/watches/").content.decode()
    assert "3 名学生要回答" in page
    for watch in Watch.objects.all():
        answer = reverse("dropout:watch-answer", args=[watch.pk])
        assert client.get(answer).status_code == 200
        assert client.post(answer, {}).status_code == 422
        assert client.post(answer, {"answer": "PRESENT"}).url == "/dropout/watches/"
        assert client.get(answer).status_code == 404
    assert "没有要回答的" in client.get("/dropout/watches/").content.decode()


def test_a_neighbours_watch_does_not_exist(client, placement, officer, west):
    client.force_login(officer(west))
    watch = Watch.objects.first()
    assert client.get(reverse("dropout:watch-answer", args=[watch.pk])).status_code == 404


def test_teaching_at_home_needs_a_plan_and_lessons(client, out):
    assert do(client, out.case, "place", kind="HOME", began_on=PLACED).status_code == 302
    none = do(client, out.case, "plan", valid_from=PLACED, lessons_a_month=0, minutes=60)
    assert none.status_code == 422
    plan = {"valid_from": PLACED, "lessons_a_month": 4, "minutes": 60}
    assert do(client, out.case, "plan", **plan).status_code == 302
    lesson = {"on": TODAY, "teacher": "布和", "minutes": 90}
    assert do(client, out.case, "lesson", **lesson).status_code == 302
    twice = do(client, out.case, "lesson", **lesson)
    assert twice.status_code == 422 and "已经登记过" in twice.content.decode()
    assert HomeLesson.objects.count() == 1 and fresh(out).state == State.WATCHED
    assert "送教上门：当月 1 次" in client.get(out.case.get_absolute_url()).content.decode()


def test_closing_needs_another_person(client, watched, official, officer, east):
    case = watched.case
    assert do(client, case, "ask-closing", proof=" ").status_code == 422
    assert do(client, case, "ask-closing", proof="三次回访都在校").status_code == 302
    own = do(client, case, "decide-closing", accepted="1")
    assert own.status_code == 422 and "不能自己审核" in own.content.decode()
    client.force_login(officer(east, name="另一人"))
    assert "1 件销号等您审核" in client.get("/dropout/closings/").content.decode()
    bare = do(client, case, "decide-closing", accepted="0")
    assert bare.status_code == 422 and "不同意要写意见" in bare.content.decode()
    assert do(client, case, "decide-closing", accepted="1").status_code == 302
    assert fresh(watched).state == State.CLOSED
    late = do(client, case, "decide-closing", accepted="1")
    assert late.status_code == 302 and Closing.objects.filter(accepted=True).count() == 1
    assert client.get(case.get_absolute_url()).status_code == 200
    again = do(client, case, "reopen", source="TOLD", found_on=TODAY)
    assert again.status_code == 302 and fresh(case).latest.is_relapse


def test_a_question_is_taken_back_once(client, watched, official):
    closing = closings.ask_to_close(watched, proof="依据", by=official, at=NOW)
    back = reverse("dropout:closing-withdraw", args=[closing.pk])
    assert client.get(back).status_code == 405
    for _click in range(2):
        assert client.post(back).status_code == 302
    assert fresh(closing).withdrawn_at and fresh(watched).state == State.WATCHED


def test_leaving_again_is_a_new_episode_of_the_same_case(client, watched):
    answer = do(client, watched.case, "leave-again", on=TODAY)
    assert answer.status_code == 302
    assert fresh(watched).state == State.LEFT_AGAIN
    assert watched.case.latest.relapse_of == watched
    assert "反弹，第 2 次" in client.get(answer.url).content.decode()


def test_what_is_over_is_changed_no_more(client, episode, official):
    cases.rule_out(episode, reason="ABROAD", proof="护照", by=official, at=NOW)
    for deed in ("verify", "confirm", "arrange", "attend"):
        answer = do(client, episode.case, deed, **GOOD.get(deed, {}))
        assert answer.status_code in (404, 422), deed


@pytest.mark.parametrize("kind", ["visit", "step", "placement"])
def test_what_was_recorded_wrongly_is_withdrawn_with_a_reason(
    client, placement, official, kind, officer, west
):
    out = placement.episode
    things = {
        "visit": lambda: visits.record_visit(
            out, on=TODAY, visitor="布和", way="HOME", result="REFUSED", by=official, at=NOW
        ),
        "step": lambda: steps.take_step(out, kind="TEACHING", taken_on=TODAY, by=official, at=NOW),
        "placement": lambda: placement,
    }
    thing = things[kind]()
    withdraw = reverse("dropout:record-withdraw", args=[kind, thing.pk])
    assert client.post(withdraw, {"reason": ""}).status_code == 422
    assert client.post(withdraw, {"reason": "记错了"}).status_code == 302
    assert fresh(thing).is_withdrawn
    assert client.post(withdraw, {"reason": "再来"}).status_code == 422
    client.force_login(officer(west))
    assert client.get(withdraw).status_code == 404


# To another unit -----------------------------------------------------------------------------------
def test_a_case_goes_to_another_unit_only_when_that_accepts(client, episode, officer, west):
    case = episode.case
    assert do(client, case, "offer", to_unit=west.pk, reason="").status_code == 422
    assert do(client, case, "offer", to_unit=case.unit_id, reason="迁走").status_code == 422
    assert do(client, case, "offer", to_unit=west.pk, reason="全家迁走").status_code == 302
    transfer = CaseTransfer.objects.get()
    accept = reverse("dropout:transfer-accept", args=[transfer.pk])
    assert client.post(accept).status_code == 404  # the giver does not answer itself
    assert "收回" in client.get("/dropout/transfers/").content.decode()
    client.force_login(officer(west))
    page = client.get("/dropout/transfers/").content.decode()
    assert "乌**" in page and "乌云其其格" not in page and "1 件个案等您答复" in page
    assert client.get(case.get_absolute_url()).status_code == 404
    for _click in range(2):
        assert client.post(accept).status_code == 302
    assert fresh(case).unit == west
    assert client.get(case.get_absolute_url()).status_code == 200


def test_a_unit_says_why_it_does_not_take_a_case(client, episode, officer, west, official):
    do(client, episode.case, "offer", to_unit=west.pk, reason="迁走")
    transfer = CaseTransfer.objects.get()
    refuse = reverse("dropout:transfer-refuse", args=[transfer.pk])
    client.force_login(officer(west))
    assert client.post(refuse, {}).status_code == 422
    assert client.post(refuse, {"reason": "没有迁来"}).status_code == 302
    client.force_login(official)
    assert "没有迁来" in client.get("/dropout/transfers/").content.decode()
    assert fresh(episode.case).unit != west


def test_an_offer_is_taken_back(client, episode, west):
    do(client, episode.case, "offer", to_unit=west.pk, reason="迁走")
    transfer = CaseTransfer.objects.get()
    back = reverse("dropout:transfer-withdraw", args=[transfer.pk])
    for _click in range(2):
        assert client.post(back).status_code == 302
    assert fresh(transfer).withdrawn_at
