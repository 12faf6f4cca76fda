"""Signing in and out, the lock, the idle session, one's own account."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from common import clock
from common.middleware import LAST_SEEN, client_address
from common.models import Event, User
from common.services import accounts

PASSWORD = "Alxa-demo-2025"
LOGIN = "/accounts/login/"


@pytest.fixture
def person(officer, east):
    return officer(east, username="naren", name="娜仁")


def try_in(client, username="naren", password=PASSWORD, **more):
    return client.post(LOGIN, {"username": username, "password": password, **more})


def is_in(client) -> bool:
    return client.get("/accounts/me/").status_code == 200


def body_of(response, username) -> str:
    """The page without what differs by nature: the token of the form, the name that was typed."""
    page = re.sub(
        r'(name="csrfmiddlewaretoken" value|name="csrf-token" content)="\w+"',
        "",
        response.content.decode(),
    )
    return page.replace(username, "NAME")


def events(verb):
    return Event.objects.filter(verb=verb)


# Signing in --------------------------------------------------------------------------------------
def test_sign_in_works_and_is_an_event(client, person):
    assert try_in(client).status_code == 302
    assert is_in(client)
    event = events("common.signed_in").get()
    assert (event.actor_id, event.address, event.outcome) == (person.pk, "127.0.0.1", "OK")


def test_sign_in_gives_the_session_a_new_key(client, person):
    client.get(LOGIN)
    session = client.session
    session["before"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    old = session.session_key
    try_in(client)
    assert client.session.session_key != old


def test_sign_in_page_is_in_chinese_and_not_stored(client, db):
    response = client.get(LOGIN)
    assert "用户名" in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_sign_in_refuses_other_methods(client, db):
    assert client.put(LOGIN).status_code == 405


def test_who_is_signed_in_goes_on_to_the_next_page(client, person):
    client.force_login(person)
    assert client.get(LOGIN + "?next=/accounts/me/")["Location"] == "/accounts/me/"


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/accounts/me/?a=1", "/accounts/me/?a=1"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_sign_in_goes_on_within_the_portal_only(client, person, asked, goes):
    assert try_in(client, next=asked)["Location"] == goes


def test_empty_fields_are_named_and_count_as_no_failure(client, person):
    response = try_in(client, username="", password="")
    assert response.status_code == 422
    assert "这里要填用户名" in response.content.decode()
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("username", ["a\0b", "x" * 300])
def test_a_senseless_username_is_refused_politely(client, db, username):
    assert try_in(client, username=username).status_code == 422


def test_a_failure_keeps_neither_password_nor_an_unknown_name(client, person):
    try_in(client, username="secret-typed-as-name", password="wrong-password-1")
    try_in(client, username="naren", password="wrong-password-2")
    unknown, known = events("common.sign_in_failed").order_by("pk")
    assert (unknown.subject_title, unknown.subject_pk, unknown.actor) == ("***", "", "")
    assert "naren" in known.subject_title and known.outcome == "REFUSED"
    said = str(list(Event.objects.values()))
    assert "wrong-password" not in said and "secret-typed" not in said


# No word that tells whether an account exists ----------------------------------------------------
def test_no_word_tells_whether_an_account_exists(person, officer, east):
    off = officer(east, username="gone1")
    off.is_active = False
    off.save()
    unconfirmed, password = accounts.create_account("fresh1", by=None, name="新")
    bodies = set()
    for username, tried in [
        ("naren", "wrong"),
        ("nobody1", "wrong"),
        ("gone1", PASSWORD),
        ("fresh1", password),
    ]:
        response = try_in(Client(), username, tried)
        assert response.status_code == 422
        bodies.add(body_of(response, username))
    assert len(bodies) == 1
    assert "用户名或密码不对" in bodies.pop()


def test_unknown_accounts_cost_a_hash_too(client, person, monkeypatch):
    """Equal time: the password is hashed once, whoever is named."""
    from django.contrib.auth.hashers import get_hasher

    hasher = type(get_hasher())
    counted = []
    real = hasher.encode

    def counting(self, password, salt):
        counted.append(1)
        return real(self, password, salt)

    monkeypatch.setattr(hasher, "encode", counting)
    monkeypatch.setattr(hasher, "verify", lambda self, password, encoded: counted.append(1))
    costs = []
    for username in ("naren", "nobody1"):
        counted.clear()
        try_in(client, username, "wrong")
        costs.append(len(counted))
    assert costs == [1, 1]


@pytest.mark.parametrize("username", ["naren", "nobody1"])
def test_five_failures_lock_with_our_own_words(client, person, username):
    for _n in range(4):
        assert try_in(client, username, "wrong").status_code == 422
    locked = try_in(client, username, "wrong")
    assert locked.status_code == 429
    assert "连续错了 5 次，暂时不能登录" in locked.content.decode()
    assert "15 分钟后再试" in locked.content.decode()
    assert try_in(client, username, PASSWORD).status_code == 429
    assert events("common.account_locked").count() == 1
    assert events("common.sign_in_failed").count() == 6


def test_the_locked_page_is_the_same_whether_the_account_exists(person):
    bodies = set()
    for username in ("naren", "nobody1"):
        client = Client()
        for _n in range(6):
            response = try_in(client, username, "wrong")
        bodies.add(body_of(response, username))
    assert len(bodies) == 1


def test_a_lock_ends_by_itself_and_trying_does_not_lengthen_it(client, person):
    for _n in range(6):
        try_in(client, password="wrong")
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(minutes=10, seconds=30))
    response = try_in(client)
    assert response.status_code == 429 and "5 分钟后再试" in response.content.decode()
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(minutes=16))
    assert try_in(client).status_code == 302


def test_success_forgets_earlier_failures(client, person):
    for _n in range(4):
        try_in(client, password="wrong")
    try_in(client)
    assert not AccessAttempt.objects.exists()


def test_a_lock_holds_at_one_address_only(person):
    for _n in range(5):
        try_in(Client(REMOTE_ADDR="10.0.0.1"), password="wrong")
    assert try_in(Client(REMOTE_ADDR="10.0.0.1")).status_code == 429
    assert try_in(Client(REMOTE_ADDR="10.0.0.2")).status_code == 302


# Behind a proxy ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "1.2.3.4", "127.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "127.0.0.1"),
        (1, "rubbish", None),
        (1, "", None),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(rf, settings, proxies, header, address):
    settings.PROXIES = proxies
    assert client_address(rf.get("/", HTTP_X_FORWARDED_FOR=header)) == address


@override_settings(PROXIES=1)
def test_behind_a_proxy_a_forged_address_escapes_no_lock(person):
    client = Client()
    for number in range(5):
        client.post(
            LOGIN,
            {"username": "naren", "password": "wrong"},
            HTTP_X_FORWARDED_FOR=f"6.6.6.{number}, 1.2.3.4",
        )
    form = {"username": "naren", "password": PASSWORD}
    assert client.post(LOGIN, form, HTTP_X_FORWARDED_FOR="7.7.7.7, 1.2.3.4").status_code == 429
    assert client.post(LOGIN, form, HTTP_X_FORWARDED_FOR="5.6.7.8").status_code == 302
    assert events("common.signed_in").get().address == "5.6.7.8"


# Signing out -------------------------------------------------------------------------------------
def test_sign_out_is_a_post_and_an_event(client, person):
    try_in(client)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").status_code == 302
    assert not is_in(client)
    assert events("common.signed_out").get().actor_id == person.pk


def test_the_reference_pages_have_no_door_of_their_own(client, db):
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/?next=/admin/")["Location"] == LOGIN + "?next=/admin/"
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 405


def test_who_may_not_open_the_reference_pages_is_told_so(client, person):
    client.force_login(person)
    assert client.get("/admin/", follow=True).status_code == 403


# Idle --------------------------------------------------------------------------------------------
@pytest.fixture
def at(monkeypatch):
    """at(minutes) moves the clock on from now."""
    begin = clock.now()

    def move(minutes):
        monkeypatch.setattr(clock, "now", lambda: begin + timedelta(minutes=minutes))

    return move


def test_idle_sign_out_keeps_the_page_to_come_back_to(client, person, at):
    try_in(client)
    at(31)
    response = client.get("/accounts/me/?a=1")
    assert response["Location"] == LOGIN + "?idle=1&next=%2Faccounts%2Fme%2F%3Fa%3D1"
    page = client.get(response["Location"]).content.decode()
    assert "30 分钟没有操作，已为您退出" in page and "/accounts/me/?a=1" in page
    assert events("common.idle_sign_out").count() == 1


def test_idle_sign_out_of_a_form_goes_back_to_the_form(client, person, at):
    try_in(client)
    at(31)
    response = client.post(
        "/accounts/me/", {"phone": "1"}, HTTP_REFERER="http://testserver/accounts/me/"
    )
    assert response["Location"].endswith("next=%2Faccounts%2Fme%2F")
    person.refresh_from_db()
    assert person.phone == ""


@pytest.mark.parametrize(
    ("header", "answer"), [("HX-Request", "HX-Redirect"), ("X-Requested-With", "X-Login")]
)
def test_idle_sign_out_of_a_part_never_swaps_in_the_sign_in_page(
    client, person, at, header, answer
):
    try_in(client)
    at(31)
    value = "true" if header == "HX-Request" else "fetch"
    response = client.get("/accounts/me/", headers={header: value})
    assert response.status_code == 401 and response[answer].startswith(LOGIN)


def test_a_timer_never_extends_a_session(client, person, at):
    try_in(client)
    for minutes in (10, 20, 29):
        at(minutes)
        assert client.get("/accounts/me/", headers={"X-Timer": "1"}).status_code == 200
    at(31)
    assert client.get("/accounts/me/", headers={"X-Timer": "1"}).status_code == 302


def test_a_deed_extends_a_session(client, person, at):
    try_in(client)
    for minutes in (20, 40, 60):
        at(minutes)
        assert client.get("/accounts/me/").status_code == 200


def test_an_autosave_caused_by_a_key_extends_a_session(client, person, at):
    try_in(client)
    at(20)
    client.post("/accounts/preferences/", {"density": ""}, headers={"X-Requested-With": "fetch"})
    assert client.session[LAST_SEEN] == int(clock.now().timestamp())
    at(45)
    assert is_in(client)


def test_the_sign_in_page_keeps_where_to_go_when_typed_wrong(client, person):
    page = try_in(client, password="wrong", next="/accounts/me/").content.decode()
    assert 'name="next" value="/accounts/me/"' in page


# One's own account -------------------------------------------------------------------------------
def test_me_shows_the_account_and_its_postings(client, person, east):
    client.force_login(person)
    page = client.get("/accounts/me/").content.decode()
    assert "娜仁" in page and east.name in page and "旗区填报员" in page


@pytest.mark.parametrize("name", ["accounts:me", "accounts:password"])
def test_own_pages_need_a_sign_in(client, db, name):
    assert client.get(reverse(name))["Location"].startswith(LOGIN)


def test_own_pages_refuse_other_methods(client, person):
    client.force_login(person)
    assert client.delete("/accounts/me/").status_code == 405
    assert client.get("/accounts/preferences/").status_code == 405


def test_me_changes_the_telephone_and_logs_no_number(client, person):
    client.force_login(person)
    assert client.post("/accounts/me/", {"phone": "0483-8222222"}).status_code == 302
    person.refresh_from_db()
    assert person.phone == "0483-8222222"
    event = events("common.account_changed").get()
    assert event.after == {"fields": ["phone"]} and event.before is None


def test_me_refuses_a_telephone_of_letters(client, person):
    client.force_login(person)
    response = client.post("/accounts/me/", {"phone": "打我手机"})
    assert response.status_code == 422 and "打我手机" in response.content.decode()


def test_preferences_are_remembered_on_the_account(client, person):
    client.force_login(person)
    client.post("/accounts/preferences/", {"text_size": "large"})
    client.post("/accounts/preferences/", {"density": "dense"})
    person.refresh_from_db()
    assert (person.text_size, person.density) == ("large", "dense")
    assert 'data-size="large"' in client.get("/accounts/me/").content.decode()


def test_preferences_before_sign_in_live_in_a_cookie(client, db):
    client.post("/accounts/preferences/", {"text_size": "large", "next": LOGIN})
    assert 'data-size="large"' in client.get(LOGIN).content.decode()


def test_preferences_refuse_an_unknown_value(client, db):
    assert client.post("/accounts/preferences/", {"text_size": "huge"}).status_code == 422


def test_the_language_is_remembered_on_the_account(client, person):
    client.force_login(person)
    client.post("/language/", {"language": "en", "next": "/accounts/me/"})
    person.refresh_from_db()
    assert person.language == "en"
    elsewhere = Client()
    elsewhere.force_login(person)
    assert '<html lang="en"' in elsewhere.get("/accounts/me/").content.decode()


# Passwords ---------------------------------------------------------------------------------------
def change(client, current=PASSWORD, new="Tengger-desert-7", again=None):
    form = {"current": current, "new": new, "again": new if again is None else again}
    return client.post("/accounts/password/", form)


def test_a_new_password_ends_all_other_sessions(client, person):
    other = Client()
    try_in(client)
    try_in(other)
    assert change(client).status_code == 302
    assert is_in(client)
    assert not is_in(other)
    assert try_in(Client(), password="Tengger-desert-7").status_code == 302
    assert events("common.password_changed").count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"current": "wrong"}, "现在的密码不对"),
        ({"again": "Tengger-desert-8"}, "两次填的新密码不一样"),
        ({"new": "short-7"}, "太短，至少 10 位"),
        ({"new": "4820571936"}, "全是数字"),
        ({"new": "password123"}, "太常见"),
        ({"new": PASSWORD}, "新密码要和现在的不一样"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(client, person, fields, said):
    try_in(client)
    response = change(client, **fields)
    assert response.status_code == 422
    assert said in response.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_password_like_the_username_is_refused(client, officer, east):
    officer(east, username="naren-zuoqi")
    try_in(client, "naren-zuoqi")
    response = change(client, new="naren-zuoqi1")
    assert response.status_code == 422 and "和用户名、姓名或电话太像" in response.content.decode()


def test_a_forced_change_blocks_all_pages(client, person):
    User.objects.filter(pk=person.pk).update(must_change_password=True)
    try_in(client)
    for address in ("/", "/accounts/me/", "/reports/", "/inbox/"):
        assert client.get(address)["Location"] == "/accounts/password/"
    assert "一次性密码" in client.get("/accounts/password/").content.decode()
    change(client)
    assert is_in(client)


# An account without rights -----------------------------------------------------------------------
def test_create_account_gives_an_inactive_account_and_a_one_time_password(client, db):
    user, password = accounts.create_account("fresh", by=None, name="新")
    assert not user.is_active and user.must_change_password and user.check_password(password)
    assert len(password) == 14
    assert try_in(client, "fresh", password).status_code == 422


def test_create_account_refuses_a_second_of_the_name(person):
    with pytest.raises(accounts.UsernameTaken):
        accounts.create_account("naren", by=None, name="另一个")


def test_a_deactivated_account_loses_its_session_at_once(client, person):
    try_in(client)
    accounts.set_active(person, by=None, active=False)
    assert not is_in(client)
