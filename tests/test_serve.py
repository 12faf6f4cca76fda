"""The one-process mode: what it refuses, what it says, how it ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common import readiness
from common.management.commands import serve
from tests.portals import ROOT, Portal, free_port, wait_until

alone = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the processes of test_kill run there"
)


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    portal = Portal(tmp_path_factory.mktemp("serve"))
    yield portal
    portal.close()


def get(port, path):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read().decode()


@alone
def test_serve_says_what_is_missing_then_serves_and_stops_at_once(portal):
    port = str(free_port())
    refused = portal.manage("serve", "--port", port)
    assert refused.returncode == 1
    assert "manage.py migrate" in refused.stderr
    assert "Traceback" not in refused.stderr

    assert portal.manage("migrate", "--verbosity", "0").returncode == 0
    serving = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=portal.env | {"PORT": port},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert f"http://127.0.0.1:{port}/" in serving.stdout.readline()
        assert get(int(port), "/healthz") == (200, "ok\n")
        status, told = get(int(port), "/readyz")
        assert (status, set(json.loads(told).values())) == (200, {"ok"})
        assert get(int(port), "/accounts/login/")[0] == 200

        taken = portal.manage("serve", "--port", port)
        assert taken.returncode == 1
        assert "taken" in taken.stderr and "--port" in taken.stderr

        told_at = time.monotonic()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0
        assert time.monotonic() - told_at < 2
    finally:
        serving.kill()
        serving.stdout.close()


@alone
def test_serve_ends_within_two_seconds_though_a_request_hangs(portal):
    portal.manage("migrate", "--verbosity", "0")
    portal.start()
    with socket.create_connection(("127.0.0.1", portal.port)) as slow:
        slow.sendall(
            b"POST /accounts/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
        )
        time.sleep(0.2)
        process, told_at = portal.running[0], time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert time.monotonic() - told_at < 2
    portal.running.clear()


@alone
def test_serve_works_the_jobs_of_the_night(portal):
    portal.manage("migrate", "--verbosity", "0")
    code = "from common import jobs\nprint(jobs.enqueue('common.clear_sessions').pk)"
    pk = int(portal.python(code))
    portal.start()
    wait_until(lambda: portal.job(pk)[0] == "DONE", "the job of another process")
    portal.kill()


@pytest.mark.parametrize("port", ["80a", "0", "70000", "-1"])
def test_serve_refuses_a_port_that_is_none(port):
    with pytest.raises(CommandError, match="whole number from 1 to 65535"):
        call_command("serve", port=port)


@pytest.mark.django_db
def test_serve_refuses_public_sign_ins_outside_a_demonstration(monkeypatch):
    def fault():
        raise readiness.NotReady("Demonstration accounts with their public password: left.")

    monkeypatch.setattr(readiness, "check_database", fault)
    with pytest.raises(CommandError, match="public password: left"):
        call_command("serve")


@pytest.mark.django_db
def test_a_checked_database_is_ready():
    readiness.check_database()


def test_static_files_are_collected_only_when_they_changed(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATIC_ROOT = tmp_path / "root"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert serve.collect_static_if_stale()
    assert not serve.collect_static_if_stale()
    (source / "a.css").write_text("a{b:c}")
    assert serve.collect_static_if_stale()
    assert (settings.STATIC_ROOT / "a.css").read_text() == "a{b:c}"
    os.remove(source / "a.css")
    assert serve.collect_static_if_stale()
