"""The inbox: one line a day, opened where it points, as long as that may be seen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import inbox
from common.models import InboxLine
from registry.roles import Role
from tests.cast import NOW, TODAY

PAGE = "/inbox/"


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def clerk(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


def opened(client, line):
    return client.get(reverse("common:inbox-open", args=[line.pk]), follow=True)


def test_each_person_gets_a_line(officer, east, west):
    people = [officer(east), officer(west)]
    assert inbox.send(people, "请报第三季度", east, by=None, at=NOW) == 2
    line = InboxLine.objects.of(people[0]).get()
    assert (line.text, line.subject_code, line.subject_pk) == (
        "请报第三季度",
        "registry.unit",
        str(east.pk),
    )


def test_the_same_line_is_not_sent_twice_a_day(clerk, east):
    def send(at=NOW, text="请报"):
        return inbox.send([clerk, clerk], text, east, by=None, at=at)

    assert [send(), send(), send(text="别的")] == [1, 0, 1]
    assert send(NOW + timedelta(days=1)) == 1
    InboxLine.objects.update(read_at=NOW)
    assert send() == 1, "what was read may be said again"


def test_a_long_text_is_cut_and_not_refused(clerk):
    inbox.send([clerk], "长" * 400, by=None, at=NOW)
    assert len(InboxLine.objects.get().text) == 300


def test_the_list_shows_unread_lines_first(client, clerk, east):
    for number in range(3):
        inbox.send([clerk], f"第{number}条", east, by=None, at=NOW + timedelta(minutes=number))
    inbox.mark_read(InboxLine.objects.get(text="第2条"), at=NOW)
    page = client.get(PAGE).content.decode()
    assert "2 条消息未读" in page
    assert page.index("第1条") < page.index("第0条") < page.index("第2条")


def test_an_empty_inbox_says_so(client, clerk):
    page = client.get(PAGE).content.decode()
    assert "没有未读的消息" in page and "还没有收到消息" in page


def test_opening_a_line_leads_to_its_subject(client, clerk, east):
    inbox.send([clerk], "看单位", east, by=None, at=NOW)
    line = InboxLine.objects.get()
    answer = opened(client, line)
    assert answer.redirect_chain[0][0] == east.get_absolute_url()
    line.refresh_from_db()
    assert line.read_at


@pytest.mark.parametrize("pk", ["999999", "x", ""])
def test_a_line_about_what_is_gone_says_so(client, clerk, pk):
    line = InboxLine.objects.create(
        user=clerk, text="看", subject_code="registry.unit", subject_pk=pk, sent_at=NOW
    )
    assert "已不在，或不再归您看" in opened(client, line).content.decode()


def test_a_line_about_what_is_no_longer_mine_says_so(client, clerk, west):
    inbox.send([clerk], "看外旗", west, by=None, at=NOW)
    answer = opened(client, InboxLine.objects.get())
    assert answer.status_code == 200 and "不再归您看" in answer.content.decode()


def test_a_line_of_another_does_not_exist(client, clerk, officer, east):
    inbox.send([officer(east)], "别人的", by=None, at=NOW)
    line = InboxLine.objects.get()
    assert client.get(reverse("common:inbox-open", args=[line.pk])).status_code == 404
    assert "别人的" not in client.get(PAGE).content.decode()
    line.refresh_from_db()
    assert line.read_at is None


def test_all_lines_are_marked_read_at_once(client, clerk, officer, east):
    other = officer(east)
    inbox.send([clerk, other], "一条", by=None, at=NOW)
    assert client.get("/inbox/read/").status_code == 405
    client.post("/inbox/read/")
    assert not InboxLine.objects.of(clerk).unread().exists()
    assert InboxLine.objects.of(other).unread().exists()


def test_the_inbox_is_everyone_s_own(client, officer, league):
    for role in (Role.SYSADMIN, Role.AUDITOR, Role.SCHOOL):
        client.force_login(officer(league, role))
        assert client.get(PAGE).status_code == 200
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_many_lines_ask_no_more_queries(client, clerk, east):
    def queries():
        client.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            client.get(PAGE)
        return len(asked)

    inbox.send([clerk], "一条", east, by=clerk, at=NOW)
    few = queries()
    for number in range(120):
        inbox.send([clerk], f"第{number}条", east, by=clerk, at=NOW)
    assert queries() == few
    assert (
        "第119条"
        in client.get(f"{PAGE}?page=3").content.decode() + client.get(PAGE).content.decode()
    )
