"""The pages of background jobs: one's own, how far they are, once more, no more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.models import Job
from registry.roles import Role
from tests.cast import TODAY

LIST = "/jobs/"


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


@pytest.fixture
def clerk(client, officer, east):
    user = officer(east)
    client.force_login(user)
    return user


@pytest.fixture
def job_of():
    def make(user, **facts):
        facts = {"kind": "common.export", "run_after": clock.now()} | facts
        return Job.objects.create(asked_by=user, **facts)

    return make


def page_of(client, job, **headers):
    return client.get(job.get_absolute_url(), headers=headers).content.decode()


def test_one_sees_one_s_own_jobs_by_their_name(client, clerk, job_of, officer, west):
    mine, other = job_of(clerk), job_of(officer(west), kind="common.clear_files")
    page = client.get(LIST).content.decode()
    assert "导出列表" in page and "清理没有主的文件" not in page
    assert client.get(mine.get_absolute_url()).status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404
    for name in ("job-retry", "job-cancel"):
        assert client.post(reverse(f"common:{name}", args=[other.pk])).status_code == 404


def test_an_empty_list_says_so(client, clerk):
    assert "没有后台任务" in client.get(LIST).content.decode()


def test_a_running_job_shows_how_far_it_is_and_asks_again(client, clerk, job_of):
    job = job_of(clerk, state=Job.State.RUNNING, done=1200, total=5000)
    page = page_of(client, job)
    assert 'value="1200" max="5000"' in page and "1,200 / 5,000" in page
    assert "every 2s" in page and '"X-Timer":"1"' in page
    part = page_of(client, job, **{"HX-Request": "true"})
    assert "<html" not in part and "every 2s" in part


@pytest.mark.parametrize("state", [Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED])
def test_a_settled_job_asks_no_more(client, clerk, job_of, state):
    assert "every 2s" not in page_of(client, job_of(clerk, state=state))


def test_a_failed_job_says_why_and_can_be_retried(client, clerk, job_of):
    job = job_of(clerk, state=Job.State.FAILED, fault="磁盘满了", traceback="File x, line 1")
    page = page_of(client, job)
    assert "磁盘满了" in page and "File x" not in page and "再办一次" in page
    client.post(reverse("common:job-retry", args=[job.pk]))
    job.refresh_from_db()
    assert (job.state, job.fault) == (Job.State.QUEUED, "")


def test_a_second_click_on_retry_does_no_harm(client, clerk, job_of):
    job = job_of(clerk, state=Job.State.FAILED)
    url = reverse("common:job-retry", args=[job.pk])
    client.post(url)
    assert "不用重办" in client.post(url, follow=True).content.decode()


def test_a_waiting_job_can_be_cancelled(client, clerk, job_of):
    job = job_of(clerk)
    url = reverse("common:job-cancel", args=[job.pk])
    client.post(url)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert "来不及取消" in client.post(url, follow=True).content.decode()


@pytest.mark.parametrize("name", ["job-retry", "job-cancel"])
def test_deeds_take_posts_only(client, clerk, job_of, name):
    assert client.get(reverse(f"common:{name}", args=[job_of(clerk).pk])).status_code == 405


def test_the_system_administrator_sees_all_but_not_what_they_hold(
    client, officer, league, clerk, job_of
):
    job = job_of(
        clerk,
        state=Job.State.FAILED,
        traceback="File x, line 1",
        arguments={"query": "q=秘密"},
        result={"rows": 7},
    )
    client.force_login(officer(league, Role.SYSADMIN))
    assert clerk.username in client.get(LIST).content.decode()
    page = page_of(client, job)
    assert "File x, line 1" in page
    assert "秘密" not in page and clerk.name not in page
    client.post(reverse("common:job-retry", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_the_portal_s_own_jobs_are_the_administrator_s(client, officer, league, clerk, job_of):
    job = job_of(None, kind="common.clear_files")
    assert client.get(job.get_absolute_url()).status_code == 404
    client.force_login(officer(league, Role.SYSADMIN))
    assert "清理没有主的文件" in page_of(client, job)


def test_many_jobs_ask_no_more_queries(client, officer, league, clerk, job_of):
    client.force_login(officer(league, Role.SYSADMIN))

    def queries():
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        return len(asked)

    job_of(clerk)
    few = queries()
    for number in range(60):
        job_of(clerk, finished_at=clock.now() - timedelta(minutes=number))
    assert queries() == few
