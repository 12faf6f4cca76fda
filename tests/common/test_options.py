"""Settings that the bureau changes itself."""

import pytest

from common import options
from common.models import Event
from common.periods import Period
from registry.models import Duty
from registry.roles import Role
from registry.services.duties import Owed, open_duties

PAGE = "/settings/"
QUARTER = "/settings/registry.due_quarter/"


@pytest.fixture
def bureau(client, officer, league):
    user = officer(league, Role.BUREAU, name="高娃")
    client.force_login(user)
    return user


def change(client, value, reason="阿教体发〔2025〕1号", address=QUARTER):
    return client.post(
        address, {"registry-due_quarter-value": value, "registry-due_quarter-reason": reason}
    )


def test_option_list_shows_every_option_with_value_and_default(client, bureau):
    page = client.get(PAGE).content.decode()
    for shown in options.in_force():
        assert str(shown.declared.label) in page
    assert "默认 10 个工作日" in page and "没有改过" in page


def test_option_change_works_and_says_who_and_why(client, bureau):
    assert change(client, "12").status_code == 302
    assert options.get("registry.due_quarter") == 12
    page = client.get(PAGE).content.decode()
    assert "高娃" in page and "阿教体发〔2025〕1号" in page
    event = Event.objects.get(verb="common.option_changed")
    assert event.before == {"value": "10"}
    assert event.after == {"value": "12", "reason": "阿教体发〔2025〕1号"}


@pytest.mark.parametrize(
    ("value", "said"), [("abc", "这里要填数字"), ("999", "0 到 120"), ("", "这里要填数字")]
)
def test_option_change_refuses_a_bad_value_and_keeps_what_was_typed(client, bureau, value, said):
    response = change(client, value)
    page = response.content.decode()
    assert response.status_code == 422 and said in page and f'value="{value}"' in page or not value
    assert "阿教体发〔2025〕1号" in page
    assert options.get("registry.due_quarter") == 10


def test_option_change_needs_a_reason(client, bureau):
    assert change(client, "12", reason=" ").status_code == 422
    assert options.get("registry.due_quarter") == 10


def test_a_due_day_option_moves_the_open_duties(client, bureau, east, plan):
    open_duties([Owed("tasks.99", east.pk, Period.parse("2025Q3"))])
    before = Duty.objects.get(code="tasks.99").due_on
    change(client, "12")
    assert Duty.objects.get(code="tasks.99").due_on > before


def test_a_listener_hears_only_its_own_options(bureau, monkeypatch):
    heard = []
    monkeypatch.setattr(options, "_listeners", [("registry.due_", heard.append)])
    options.change("registry.due_month", "6", by=bureau, reason="x")
    options.change("tasks_app.jump_percent", "40", by=bureau, reason="x")
    assert heard == ["registry.due_month"]


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.SUPERVISOR, Role.SYSADMIN, Role.AUDITOR])
def test_options_need_the_permission(client, officer, league, role):
    client.force_login(officer(league, role))
    assert client.get(PAGE).status_code == 403
    assert change(client, "12").status_code == 403


def test_an_unknown_option_is_no_page(client, bureau):
    assert change(client, "1", address="/settings/registry.nothing/").status_code == 404


def test_options_refuse_the_wrong_method(client, bureau):
    assert client.post(PAGE).status_code == 405
    assert client.get(QUARTER).status_code == 405


def test_option_list_asks_one_query_for_all_options(client, bureau, django_assert_num_queries):
    with django_assert_num_queries(1):
        options.in_force()
