"""Accounts and rights: who makes, who confirms, what a posting gives, how it passes on."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from common.models import Event, User
from common.services import accounts
from registry.models import Posting
from registry.roles import PERMISSIONS, Role
from registry.services import postings
from tests.cast import TODAY

PASSWORD = "Alxa-demo-2025"
LATER = TODAY + timedelta(days=30)


@pytest.fixture(autouse=True)
def today(clock_at):
    clock_at(TODAY)


@pytest.fixture
def sysadmin(officer, league):
    return officer(league, Role.SYSADMIN, username="sys", name="系统员")


@pytest.fixture
def secadmin(officer, league):
    return officer(league, Role.SECADMIN, username="sec", name="安全员")


@pytest.fixture
def naren(officer, east):
    return officer(east, username="naren", name="娜仁")


@pytest.fixture
def fresh(db, sysadmin):
    """An account that has never had a confirmed posting."""
    return accounts.create_account("fresh", by=sysadmin, name="新来的")[0]


@pytest.fixture
def proposal(fresh, east, sysadmin):
    return postings.propose_posting(
        fresh, by=sysadmin, unit=east, role=Role.OFFICIAL, valid_from=TODAY
    )


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def go(client, name, pk=None, /, **data):
    """A deed by POST, then the page it leads to."""
    return client.post(reverse(f"registry:{name}", args=[pk] if pk else []), data, follow=True)


def fresh_rights(user):
    return User.objects.get(pk=user.pk)


def refusals(verb):
    return Event.objects.filter(verb=verb, outcome="REFUSED").count()


# What a posting gives ----------------------------------------------------------------------------
def test_two_postings_of_different_roles_give_the_union(officer, league, east):
    person = officer(east, Role.OFFICIAL)
    Posting.objects.create(
        user=person,
        unit=league,
        role=Role.SUPERVISOR,
        valid_from=TODAY,
        confirmed_at=person.created_at,
    )
    assert fresh_rights(person).has_perms(PERMISSIONS[Role.OFFICIAL] | PERMISSIONS[Role.SUPERVISOR])


@pytest.mark.parametrize(
    "change",
    [
        {"confirmed_at": None},
        {"valid_from": TODAY + timedelta(days=1)},
        {"valid_to": TODAY - timedelta(days=1)},
    ],
    ids=["unconfirmed", "future", "ended"],
)
def test_a_posting_that_is_not_in_force_gives_nothing(naren, change):
    Posting.objects.of(naren).update(**change)
    rights = fresh_rights(naren)
    assert not any(rights.has_perm(p) for p in PERMISSIONS[Role.OFFICIAL])
    assert not naren.postings.model.objects.visible_to(rights, "registry.view_duty").exists()


def test_the_last_day_of_a_posting_still_counts(naren):
    Posting.objects.of(naren).update(valid_to=TODAY)
    assert fresh_rights(naren).has_perm("registry.view_duty")


def test_an_inactive_account_may_nothing(naren):
    User.objects.filter(pk=naren.pk).update(is_active=False)
    assert not fresh_rights(naren).has_perm("registry.view_duty")


# Three people, never one -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Role.SYSADMIN, Role.SECADMIN),
        (Role.SECADMIN, Role.AUDITOR),
        (Role.AUDITOR, Role.SYSADMIN),
        (Role.SYSADMIN, Role.BUREAU),
        (Role.BUREAU, Role.AUDITOR),
    ],
)
def test_an_administrator_is_nothing_else(officer, league, sysadmin, held, wanted):
    person = officer(league, held)
    with pytest.raises(postings.RolesClash):
        postings.propose_posting(person, by=sysadmin, unit=league, role=wanted, valid_from=TODAY)


def test_nobody_confirms_what_they_proposed_or_their_own(proposal, sysadmin, fresh):
    for person in (sysadmin, fresh):
        with pytest.raises(postings.SamePerson):
            postings.confirm_posting(proposal, by=person)


def test_nobody_proposes_rights_for_themselves(sysadmin, league):
    with pytest.raises(postings.SamePerson):
        postings.propose_posting(
            sysadmin, by=sysadmin, unit=league, role=Role.SYSADMIN, valid_from=LATER
        )


SYSADMIN_ONLY = ["account-edit", "posting-propose", "posting-propose-end"]
SECADMIN_ONLY = [
    "account-reset",
    "account-unlock",
    "account-deactivate",
    "account-reactivate",
    "posting-confirm",
    "posting-refuse",
    "posting-end",
    "posting-agree-end",
    "posting-refuse-end",
]


@pytest.mark.parametrize("name", SECADMIN_ONLY)
def test_the_system_administrator_decides_nothing(proposal, sysadmin, name):
    pk = proposal.pk if name.startswith("posting") else proposal.user_id
    assert go(as_(sysadmin), name, pk).status_code == 403


@pytest.mark.parametrize("name", [*SYSADMIN_ONLY, "account-create"])
def test_the_security_administrator_makes_and_proposes_nothing(proposal, secadmin, name):
    pk = (
        proposal.user_id if name.startswith("account") or name == "posting-propose" else proposal.pk
    )
    assert go(as_(secadmin), name, None if name == "account-create" else pk).status_code == 403


@pytest.mark.parametrize("role", [Role.BUREAU, Role.OFFICIAL, Role.SUPERVISOR, Role.AUDITOR])
@pytest.mark.parametrize("name", ["account-list", "posting-list", "account-detail"])
def test_accounts_need_the_permission(officer, league, naren, role, name):
    arguments = [naren.pk] if name == "account-detail" else []
    client = as_(officer(league, role))
    assert client.get(reverse(f"registry:{name}", args=arguments)).status_code == 403


@pytest.mark.parametrize("name", ["account-detail", "account-edit"])
def test_an_unknown_account_is_no_page(sysadmin, name):
    assert as_(sysadmin).get(reverse(f"registry:{name}", args=[999])).status_code == 404


@pytest.mark.parametrize("name", [n for n in SECADMIN_ONLY if n != "posting-end"])
def test_deeds_refuse_a_get(proposal, secadmin, name):
    pk = proposal.pk if name.startswith("posting") else proposal.user_id
    assert as_(secadmin).get(reverse(f"registry:{name}", args=[pk])).status_code == 405


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_administrators_have_a_home_and_no_business_page(officer, league, plan, role):
    client = as_(officer(league, role))
    assert client.get("/").status_code == 200
    for address in ("/tasks/", "/reports/", "/indicators/"):
        assert client.get(address).status_code == 403


# From nothing to signed in -----------------------------------------------------------------------
def test_an_account_is_made_proposed_confirmed_and_signs_in(sysadmin, secadmin, east):
    made = go(as_(sysadmin), "account-create", username="saihan", name="赛罕", phone="0483-1")
    page = made.content.decode()
    password = re.search(r"ax-secret\">([a-z0-9-]+)<", page)[1]
    user = User.objects.get(username="saihan")
    assert not user.is_active and user.check_password(password)
    proposed = go(
        as_(sysadmin),
        "posting-propose",
        user.pk,
        **{
            "posting-role": Role.OFFICIAL,
            "posting-unit": east.pk,
            "posting-valid_from": "2025-10-13",
        },
    )
    assert "等安全管理员确认" in proposed.content.decode()
    door = {"username": "saihan", "password": password}
    assert Client().post("/accounts/login/", door).status_code == 422
    posting = Posting.objects.get(user=user)
    assert "已确认" in go(as_(secadmin), "posting-confirm", posting.pk).content.decode()
    client = Client()
    assert client.post("/accounts/login/", door).status_code == 302
    assert client.get("/reports/")["Location"] == "/accounts/password/"
    verbs = Event.objects.order_by("pk").values_list("verb", flat=True)
    assert [v for v in verbs if v.startswith(("common.account", "registry."))] == [
        "common.account_created",
        "registry.posting_proposed",
        "common.account_activated",
        "registry.posting_confirmed",
    ]


def test_the_one_time_password_is_shown_once_and_kept_nowhere(sysadmin):
    client = as_(sysadmin)
    page = go(client, "account-create", username="saihan", name="赛罕")
    password = re.search(r"ax-secret\">([a-z0-9-]+)<", page.content.decode())[1]
    assert "no-store" in page["Cache-Control"]
    user = User.objects.get(username="saihan")
    assert password not in client.get(f"/people/{user.pk}/").content.decode()
    assert password not in str(list(Event.objects.values()))
    assert password not in str(client.session.items())


@pytest.mark.parametrize(
    ("username", "said"), [("naren", "已有同名账号"), ("a b", "中间不空格"), ("", "这里要填用户名")]
)
def test_a_bad_username_is_refused_and_the_rest_kept(sysadmin, naren, username, said):
    response = go(as_(sysadmin), "account-create", username=username, name="赛罕")
    page = response.content.decode()
    assert response.status_code == 422 and said in page and 'value="赛罕"' in page


def test_the_system_administrator_corrects_name_and_telephone(sysadmin, naren):
    go(as_(sysadmin), "account-edit", naren.pk, name="娜仁高娃", phone="0483-2")
    naren.refresh_from_db()
    assert (naren.name, naren.phone) == ("娜仁高娃", "0483-2")


def test_a_role_is_held_at_units_of_its_kind(sysadmin, fresh, east):
    response = go(
        as_(sysadmin),
        "posting-propose",
        fresh.pk,
        **{"posting-role": "SCHOOL", "posting-unit": east.pk, "posting-valid_from": "2025-10-13"},
    )
    assert response.status_code == 422 and "不能放在这类单位" in response.content.decode()
    assert refusals("registry.posting_proposed") == 1


def test_what_is_held_is_not_proposed_again(sysadmin, naren, east):
    with pytest.raises(postings.AlreadyHeld):
        postings.propose_posting(
            naren, by=sysadmin, unit=east, role=Role.OFFICIAL, valid_from=TODAY
        )


def test_a_refused_proposal_is_gone_and_the_log_keeps_it(proposal, secadmin, fresh):
    go(as_(secadmin), "posting-refuse", proposal.pk)
    fresh.refresh_from_db()
    assert not Posting.objects.filter(pk=proposal.pk).exists() and not fresh.is_active
    event = Event.objects.get(verb="registry.posting_refused")
    assert event.before["user"] == "fresh" and event.before["role"] == "旗区填报员"


def test_confirming_twice_does_no_harm(proposal, secadmin):
    postings.confirm_posting(proposal, by=secadmin)
    postings.confirm_posting(proposal, by=secadmin)
    assert Event.objects.filter(verb="registry.posting_confirmed").count() == 1


def test_a_second_posting_does_not_revive_a_deactivated_account(naren, league, sysadmin, secadmin):
    postings.deactivate_account(naren, by=secadmin, on=TODAY)
    posting = postings.propose_posting(
        naren, by=sysadmin, unit=league, role=Role.SUPERVISOR, valid_from=TODAY
    )
    postings.confirm_posting(posting, by=secadmin)
    naren.refresh_from_db()
    assert not naren.is_active


# Passwords and locks -----------------------------------------------------------------------------
def test_a_reset_gives_a_one_time_password_ends_sessions_and_unlocks(secadmin, naren):
    session = Client()
    door = {"username": "naren", "password": PASSWORD}
    session.post("/accounts/login/", door)
    thief = Client()
    for _n in range(5):
        thief.post("/accounts/login/", {"username": "naren", "password": "wrong"})
    page = go(as_(secadmin), "account-reset", naren.pk).content.decode()
    password = re.search(r"ax-secret\">([a-z0-9-]+)<", page)[1]
    assert session.get("/accounts/me/").status_code == 302
    again = Client()
    assert again.post("/accounts/login/", door).status_code == 422
    assert again.post("/accounts/login/", door | {"password": password}).status_code == 302
    assert again.get("/accounts/me/")["Location"] == "/accounts/password/"
    event = Event.objects.get(verb="common.password_reset")
    assert event.actor_id == secadmin.pk and event.subject_pk == str(naren.pk)


def test_nobody_resets_their_own_password_here(secadmin):
    go(as_(secadmin), "account-reset", secadmin.pk)
    secadmin.refresh_from_db()
    assert secadmin.check_password(PASSWORD) and refusals("common.password_reset") == 1


def test_the_security_administrator_unlocks(secadmin, naren):
    thief = Client()
    for _n in range(5):
        thief.post("/accounts/login/", {"username": "naren", "password": "wrong"})
    client = as_(secadmin)
    assert "暂时锁定" in client.get(f"/people/{naren.pk}/").content.decode()
    assert "暂时锁定" not in go(client, "account-unlock", naren.pk).content.decode()
    door = {"username": "naren", "password": PASSWORD}
    assert thief.post("/accounts/login/", door).status_code == 302


def test_deactivating_and_reactivating(secadmin, naren):
    person = as_(naren)
    go(as_(secadmin), "account-deactivate", naren.pk)
    assert person.get("/accounts/me/").status_code == 302
    go(as_(secadmin), "account-reactivate", naren.pk)
    naren.refresh_from_db()
    assert naren.is_active


def test_an_account_without_a_confirmed_posting_is_not_switched_on(secadmin, fresh):
    go(as_(secadmin), "account-reactivate", fresh.pk)
    fresh.refresh_from_db()
    assert not fresh.is_active


# Ending ------------------------------------------------------------------------------------------
def posting_of(user):
    return Posting.objects.get(user=user)


def test_an_end_is_proposed_and_agreed(sysadmin, secadmin, naren):
    posting = posting_of(naren)
    go(as_(sysadmin), "posting-propose-end", posting.pk, on="2025-10-31")
    posting.refresh_from_db()
    assert posting.valid_to is None and posting.end_proposed_on == date(2025, 10, 31)
    go(as_(secadmin), "posting-agree-end", posting.pk)
    posting.refresh_from_db()
    assert posting.valid_to == date(2025, 10, 31) and posting.end_proposed_on is None


def test_a_refused_end_leaves_the_posting_as_it_is(sysadmin, secadmin, naren):
    posting = postings.propose_end(posting_of(naren), by=sysadmin, on=LATER)
    go(as_(secadmin), "posting-refuse-end", posting.pk)
    posting.refresh_from_db()
    assert posting.valid_to is None and posting.end_proposed_on is None


def test_the_security_administrator_ends_a_posting_at_once(secadmin, naren):
    go(as_(secadmin), "posting-end", posting_of(naren).pk, on="2025-10-12")
    assert not fresh_rights(naren).has_perm("registry.view_duty")


def test_ending_a_posting_that_never_began_removes_it(sysadmin, secadmin, fresh, east):
    coming = postings.propose_posting(
        fresh, by=sysadmin, unit=east, role=Role.OFFICIAL, valid_from=LATER
    )
    postings.confirm_posting(coming, by=secadmin)
    postings.end_posting(coming, by=secadmin, on=TODAY)
    assert not Posting.objects.of(fresh).exists()
    assert Event.objects.filter(verb="registry.posting_cancelled").count() == 1


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN])
def test_the_last_administrator_cannot_go(officer, league, sysadmin, secadmin, role):
    last = sysadmin if role == Role.SYSADMIN else secadmin
    other = officer(league, Role.SECADMIN) if role == Role.SYSADMIN else None
    by = other or sysadmin
    with pytest.raises(postings.LastAdministrator):
        postings.end_posting(posting_of(last), by=by, on=TODAY)
    with pytest.raises(postings.LastAdministrator):
        postings.deactivate_account(last, by=by, on=TODAY)
    officer(league, role)
    postings.end_posting(posting_of(last), by=by, on=TODAY)


def test_a_deactivated_or_ended_administrator_is_not_the_other_one(
    officer, league, sysadmin, secadmin
):
    off = officer(league, Role.SYSADMIN)
    accounts.set_active(off, by=secadmin, active=False)
    with pytest.raises(postings.LastAdministrator):
        postings.end_posting(posting_of(sysadmin), by=secadmin, on=TODAY)


def test_the_page_says_why_the_last_administrator_stays(secadmin, sysadmin):
    page = go(as_(secadmin), "account-deactivate", sysadmin.pk).content.decode()
    assert "最后一位系统管理员或安全管理员" in page
    assert refusals("common.account_deactivated") == 1


# Deputies and handovers --------------------------------------------------------------------------
@pytest.fixture
def colleague(officer, east):
    return officer(east, username="batu", name="巴图")


@pytest.fixture
def stranger(officer, west):
    return officer(west, username="siqin", name="斯琴")


def deputy_form(to, first="2025-10-20", last="2025-10-24"):
    return {"to": to.pk, "valid_from": first, "valid_to": last}


def test_own_page_offers_deputy_and_handover(naren):
    page = as_(naren).get("/accounts/me/").content.decode()
    assert "请同事代办" in page and "移交给同事" in page
    assert "草稿和填报任务跟着任职走" in page


def test_administrators_are_offered_neither(sysadmin):
    assert "移交给同事" not in as_(sysadmin).get("/accounts/me/").content.decode()


def test_a_deputy_is_proposed_confirmed_and_works_for_those_days(
    clock_at, naren, colleague, secadmin
):
    done = go(as_(naren), "posting-deputise", posting_of(naren).pk, **deputy_form(colleague))
    assert "巴图" in done.content.decode() and "等确认" in done.content.decode()
    deputy = Posting.objects.get(deputy_for=posting_of(naren))
    assert deputy.confirmed_at is None
    go(as_(secadmin), "posting-confirm", deputy.pk)
    Posting.objects.of(colleague).filter(deputy_for=None).delete()
    for day, may in ((19, False), (20, True), (24, True), (25, False)):
        clock_at(date(2025, 10, day))
        assert fresh_rights(colleague).has_perm("tasks_app.fill_progressreport") is may


def test_a_deputy_or_successor_is_of_the_same_unit(naren, colleague, stranger, sysadmin):
    client = as_(naren)
    page = client.get(f"/postings/{posting_of(naren).pk}/deputy/").content.decode()
    assert "巴图" in page and "斯琴" not in page and "系统员" not in page
    response = go(client, "posting-deputise", posting_of(naren).pk, **deputy_form(stranger))
    assert response.status_code == 422 and "只能选本单位的同事" in response.content.decode()
    with pytest.raises(postings.NotAColleague):
        postings.hand_over(posting_of(naren), by=naren, to=stranger, on=LATER, asked_on=TODAY)


def test_a_handover_takes_effect_only_when_confirmed(naren, colleague, secadmin):
    old = posting_of(naren)
    posting_of(colleague).delete()
    Posting.objects.create(
        user=colleague,
        unit=old.unit,
        role=Role.SUPERVISOR,
        valid_from=date(2020, 1, 1),
        confirmed_at=colleague.created_at,
    )
    go(as_(naren), "posting-hand-over", old.pk, to=colleague.pk, on="2025-11-01")
    old.refresh_from_db()
    assert old.valid_to is None
    successor = Posting.objects.get(takes_over=old)
    go(as_(secadmin), "posting-confirm", successor.pk)
    old.refresh_from_db()
    assert old.valid_to == date(2025, 10, 31)
    assert successor.role == Role.OFFICIAL and successor.valid_from == date(2025, 11, 1)


def test_a_deputy_ends_with_the_posting(naren, colleague, secadmin):
    posting = posting_of(naren)
    short = postings.deputise(
        posting, by=naren, to=colleague, valid_from=TODAY, valid_to=LATER, asked_on=TODAY
    )
    coming = postings.deputise(
        posting,
        by=naren,
        to=colleague,
        valid_from=LATER + timedelta(days=1),
        valid_to=LATER + timedelta(days=9),
        asked_on=TODAY,
    )
    for deputy in (short, coming):
        postings.confirm_posting(deputy, by=secadmin)
    postings.end_posting(posting, by=secadmin, on=TODAY + timedelta(days=5))
    short.refresh_from_db()
    assert short.valid_to == TODAY + timedelta(days=5)
    assert not Posting.objects.filter(pk=coming.pk).exists()


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({"first": "2025-10-24", "last": "2025-10-20"}, "比开始那天还早"),
        ({"first": "2025-10-01", "last": "2025-10-02"}, "已经过去"),
        ({"first": "", "last": "2025-10-20"}, "这里要填日期"),
    ],
)
def test_bad_dates_are_named_at_their_field(naren, colleague, dates, said):
    response = go(
        as_(naren), "posting-deputise", posting_of(naren).pk, **deputy_form(colleague, **dates)
    )
    assert response.status_code == 422 and said in response.content.decode()


@pytest.mark.parametrize("name", ["posting-deputise", "posting-hand-over"])
def test_another_persons_posting_does_not_exist(naren, colleague, sysadmin, name):
    for person in (colleague, sysadmin):
        address = reverse(f"registry:{name}", args=[posting_of(naren).pk])
        assert as_(person).get(address).status_code == 404


def test_a_proposal_is_withdrawn_by_who_made_it(naren, colleague):
    deputy = postings.deputise(
        posting_of(naren), by=naren, to=colleague, valid_from=TODAY, valid_to=LATER, asked_on=TODAY
    )
    assert go(as_(colleague), "posting-withdraw", deputy.pk).status_code == 404
    go(as_(naren), "posting-withdraw", deputy.pk)
    assert not Posting.objects.filter(pk=deputy.pk).exists()


# Lists -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("?q=娜仁", {"naren"}),
        ("?q=sys", {"sys"}),
        ("?role=SECADMIN", {"sec"}),
        ("?state=NEW", {"fresh"}),
        ("?state=OFF", set()),
        ("?state=FIRST_PASSWORD", set()),
    ],
)
def test_account_list_is_narrowed(sysadmin, secadmin, naren, fresh, query, shows):
    page = as_(secadmin).get("/people/" + query).content.decode()
    assert {u for u in ("naren", "sys", "sec", "fresh") if f">{u}<" in page} == shows


def test_account_list_is_narrowed_by_unit(sysadmin, naren, stranger, east):
    page = as_(sysadmin).get(f"/people/?unit={east.pk}").content.decode()
    assert ">naren<" in page and ">siqin<" not in page


def test_posting_list_puts_first_what_waits(naren, proposal, secadmin):
    page = as_(secadmin).get("/postings/").content.decode()
    assert "有 1 项任职等安全管理员确认" in page
    assert page.index("新来的") < page.index("娜仁")


@pytest.mark.parametrize("state", ["WAITING", "IN_FORCE", "COMING", "OVER"])
def test_posting_list_is_narrowed_by_state(naren, proposal, secadmin, state):
    page = as_(secadmin).get(f"/postings/?state={state}").content.decode()
    assert ("新来的" in page) is (state == "WAITING")
    assert ("娜仁" in page) is (state == "IN_FORCE")


@pytest.mark.parametrize("address", ["/people/", "/postings/"])
def test_lists_are_exported_as_filtered(sysadmin, naren, address):
    sheet = as_(sysadmin).get(f"{address}?q=娜仁&export=csv").content.decode()
    assert "娜仁" in sheet and "系统员" not in sheet
    assert Event.objects.filter(verb="common.list_exported").count() == 1


@pytest.mark.parametrize("address", ["/people/", "/postings/"])
def test_htmx_gets_only_the_list(sysadmin, naren, address):
    part = as_(sysadmin).get(address, headers={"HX-Request": "true"}).content.decode()
    assert "娜仁" in part and "<html" not in part


@pytest.mark.parametrize(("address", "queries"), [("/people/", 8), ("/postings/", 8)])
def test_query_counts_are_the_same_at_few_and_many_rows(
    sysadmin, officer, east, address, queries, django_assert_num_queries
):
    client = as_(sysadmin)

    def fill(count):
        users = User.objects.bulk_create(
            User(username=f"u{User.objects.count()}-{n}", name=f"人{n}", password="!")
            for n in range(count)
        )
        Posting.objects.bulk_create(
            Posting(user=u, unit=east, role=Role.OFFICIAL, valid_from=TODAY, proposed_by=sysadmin)
            for u in users
        )

    client.get(address)
    fill(5)
    with django_assert_num_queries(queries):
        client.get(address)
    fill(80)
    with django_assert_num_queries(queries):
        client.get(address)
