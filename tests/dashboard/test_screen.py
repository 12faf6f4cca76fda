"""The big screen: with a code nobody is signed in, and nobody is told of few people."""

import pytest
from django.urls import reverse

from common import clock
from common.models import Display, Event
from common.services import displays
from registry.roles import Role
from tasks_app.services.series import Viewer
from tests.cast import NOW, TODAY


@pytest.fixture
def mini(world, clock_at):
    clock_at(TODAY)
    people = world.indicator(
        "P1", frequency="QUARTER", counts_people=True, is_representative=True, stated="STATED"
    )
    for unit, number in ((world.a, 3), (world.b, 50), (world.c, 60)):
        world.observe(people, unit, "2025Q3", number)
    world.settle_all()
    return world


def connect(client, code):
    return client.post(reverse("dashboard:screen-open"), {"code": code})


def test_a_code_opens_the_screen_until_it_is_taken_back(mini, client, officer):
    bureau = officer(mini.league, Role.BUREAU)
    display, code = displays.make_display("一楼大厅", by=bureau, at=NOW)
    assert client.get("/screen/").status_code == 302
    assert connect(client, code.upper()).status_code == 302
    assert client.get("/screen/").status_code == 200
    assert client.get(reverse("dashboard:screen-board")).status_code == 200
    assert client.get(reverse("dashboard:screen-chart")).status_code == 200
    displays.end_display(display, by=bureau, at=NOW)
    assert client.get("/screen/").status_code == 302
    assert client.get(reverse("dashboard:screen-chart")).status_code == 302


def test_the_code_opens_nothing_else(mini, client, officer):
    _display, code = displays.make_display("厅", by=officer(mini.league, Role.BUREAU), at=NOW)
    connect(client, code)
    for name in ("dashboard:overview", "dashboard:final", "home"):
        assert client.get(reverse(name)).status_code == 302
    assert client.cookies["display"]["httponly"] and client.cookies["display"]["path"] == "/screen/"


@pytest.mark.parametrize("code", ["", "xxxx", "a" * 500, "\x00"])
def test_a_wrong_code_is_refused_in_words_and_logged(mini, client, code):
    answer = connect(client, code)
    assert answer.status_code == 422 and "没有这个大屏码" in answer.content.decode()
    assert Event.objects.filter(verb="common.display_refused").count() == 1


def test_who_guesses_has_to_rest_and_fills_no_log(mini, client, officer):
    display, code = displays.make_display("厅", by=officer(mini.league, Role.BUREAU), at=NOW)
    answers = [connect(client, "guess").status_code for _try in range(displays.TRIES + 3)]
    assert answers == [422] * displays.TRIES + [429] * 3
    assert connect(client, code).status_code == 429
    assert Event.objects.filter(verb="common.display_refused").count() == displays.TRIES
    later = clock.now() + displays.PAUSE
    assert displays.open_display(code, address="127.0.0.1", at=later) == display


def test_a_forged_cookie_opens_nothing(mini, client, officer):
    _display, code = displays.make_display("厅", by=officer(mini.league, Role.BUREAU), at=NOW)
    client.cookies["display"] = code
    assert client.get("/screen/").status_code == 302


def test_the_code_is_not_kept_in_clear(mini, officer):
    display, code = displays.make_display("厅", by=officer(mini.league, Role.BUREAU), at=NOW)
    assert code not in str(Display.objects.filter(pk=display.pk).values())
    assert code not in str(list(Event.objects.values()))


def test_few_people_are_hidden_whoever_is_signed_in(mini, client, officer):
    client.force_login(officer(mini.league, Role.BUREAU))
    page = client.get("/screen/")
    task = page.context["wall"].board.tasks[0]
    shown = {place.unit.key: place.text for place in task.face.places}
    assert shown == {"banner-a": "<5", "banner-b": "＊", "banner-c": "60"}
    assert not Viewer.stranger(on=TODAY).covered


def test_it_shows_what_the_plan_states_and_lets_nothing_be_clicked(mini, client, officer):
    client.force_login(officer(mini.a))
    page = client.get("/screen/")
    assert [place.indicator.code for place in page.context["wall"].stated] == ["P1"]
    assert "<a " not in page.content.decode()


def test_screens_are_opened_and_taken_back_on_a_page(mini, client, officer):
    client.force_login(officer(mini.league, Role.BUREAU))
    address = reverse("dashboard:display-list")
    assert client.post(address, {"name": " "}).status_code == 422
    made = client.post(address, {"name": "大厅"})
    code = made.context["code"]
    assert code in made.content.decode() and made["Cache-Control"] == "no-store"
    assert code not in client.get(address).content.decode()
    display = Display.objects.get()
    for _twice in range(2):
        client.post(reverse("dashboard:display-end", args=[display.pk]))
    display.refresh_from_db()
    assert display.ended_at == clock.now()
    assert Event.objects.filter(verb="common.display_ended").count() == 1


def test_the_screens_own_timer_keeps_nobody_signed_in(mini, client, officer, settings, clock_at):
    client.force_login(officer(mini.a))
    client.get("/screen/")
    seen = client.session["last_seen"] if "last_seen" in client.session else dict(client.session)
    client.get(reverse("dashboard:screen-board"), headers={"X-Timer": "1"})
    after = client.session["last_seen"] if "last_seen" in client.session else dict(client.session)
    assert seen == after
