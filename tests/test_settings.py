"""A wrong environment stops the start and says what to write instead."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from alashan_portal import env
from common import keys

ROOT = Path(__file__).resolve().parent.parent
KEYS = keys.fresh()
PRODUCTION = KEYS | {
    "PORTAL_HTTPS": "1",
    "PORTAL_HOSTS": "portal.example.cn",
    "PORTAL_ORIGINS": "https://portal.example.cn",
    "PORTAL_PROXIES": "1",
    "DATABASE_URL": "postgresql://portal:secret@127.0.0.1:5432/portal",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


@pytest.fixture
def start(tmp_path):
    """start(**environment) runs a command in an environment that holds nothing else."""

    def run(*command, **environment):
        return subprocess.run(
            [sys.executable, *(command or ("manage.py", "check"))],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PORTAL_VAR": str(tmp_path)} | environment,
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize(
    "read, value, cure",
    [
        (lambda name: env.flag(name), "yes", "X=1 or X=0"),
        (lambda name: env.flag(name), "true", "X=1 or X=0"),
        (lambda name: env.number(name, 5, 1, 10), "11", "whole number from 1 to 10"),
        (lambda name: env.number(name, 5, 1, 10), "0", "whole number from 1 to 10"),
        (lambda name: env.number(name, 5, 1, 10), "2.5", "whole number from 1 to 10"),
        (lambda name: env.number(name, 5, 1, 10), "-2", "whole number from 1 to 10"),
        (lambda name: env.folder(name, ROOT), "var", "absolute path"),
        (lambda name: env.redis_url(name), "127.0.0.1:6379", "redis://host:6379/0"),
        (lambda name: env.redis_url(name), "http://host", "redis://host:6379/0"),
        (lambda name: env.database(name, ROOT), "mysql://host/portal", "postgresql://user"),
        (lambda name: env.database(name, ROOT), "postgresql://host:5432", "postgresql://user"),
        (lambda name: env.database(name, ROOT), "postgresql://h:port/p", "postgresql://user"),
        (lambda name: env.hosts(name, []), "https://portal.cn", "without https://"),
        (lambda name: env.hosts(name, []), "*", "portal.example.cn"),
        (lambda name: env.hosts(name, []), "a.cn b.cn", "separated by commas"),
        (lambda name: env.origins(name), "portal.example.cn", "https://portal.example.cn"),
        (lambda name: env.origins(name), "https://portal.cn/path", "https://portal.example.cn"),
    ],
)
def test_a_wrong_value_is_refused_with_the_cure(monkeypatch, read, value, cure):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        read("X")
    assert "X" in str(refused.value)
    assert cure in str(refused.value)


def test_a_faulty_database_address_is_not_repeated(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://portal:top-secret@host/portal")
    with pytest.raises(ImproperlyConfigured) as refused:
        env.database("DATABASE_URL", ROOT)
    assert "top-secret" not in str(refused.value)


def test_good_values_are_read(monkeypatch):
    monkeypatch.setenv("X", "a.cn, b.cn")
    assert env.hosts("X", []) == ["a.cn", "b.cn"]
    monkeypatch.setenv("X", "https://a.cn/,https://b.cn:8443")
    assert env.origins("X") == ["https://a.cn", "https://b.cn:8443"]
    monkeypatch.setenv("X", "postgresql://u%40x:p%2Fw@db:5433/portal?sslmode=require")
    database = env.database("X", ROOT)
    assert (database["USER"], database["PASSWORD"]) == ("u@x", "p/w")
    assert (database["PORT"], database["OPTIONS"]) == ("5433", {"sslmode": "require"})
    monkeypatch.setenv("X", "")
    assert env.database("X", ROOT / "x.sqlite3")["ENGINE"] == "django.db.backends.sqlite3"
    assert env.flag("X") is False
    assert env.number("X", 7, 1, 9) == 7


@pytest.mark.parametrize(
    "name, value",
    [
        ("PORTAL_FIELD_KEYS", "00" * 32),
        ("PORTAL_FIELD_KEYS", "k1:abc"),
        ("PORTAL_INDEX_KEY", "change me"),
    ],
)
def test_a_key_that_is_none_is_refused_and_not_repeated(monkeypatch, name, value):
    for known, good in KEYS.items():
        monkeypatch.setenv(known, good)
    monkeypatch.setenv(name, value)
    with pytest.raises(keys.BadKey) as refused:
        keys.read(None)
    assert name in str(refused.value)
    assert "hex digits" in str(refused.value)
    assert value not in str(refused.value)


def test_keys_are_made_once_and_readable_by_their_owner_only(tmp_path):
    file = tmp_path / "var" / "keys"
    assert keys.create(file)
    assert file.stat().st_mode & 0o777 == 0o600
    first = keys.read(file)
    assert not keys.create(file)
    assert keys.read(file) == first
    file.write_text("{")
    with pytest.raises(keys.BadKey, match="backup"):
        keys.read(file)


# The whole start ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "over, cure",
    [
        ({"PORTAL_SECRET_KEY": ""}, "PORTAL_SECRET_KEY not set"),
        ({"PORTAL_HOSTS": ""}, "PORTAL_HOSTS is not set"),
        ({"PORTAL_DEMO": "1"}, "unset it where PORTAL_HTTPS=1"),
        ({"PORTAL_DEBUG": "1"}, "unset it where PORTAL_HTTPS=1"),
        ({"PORTAL_HOST": "x"}, "did you mean PORTAL_HOSTS"),
        ({"PORTAL_VAR": "/proc/portal"}, "PORTAL_VAR"),
    ],
)
def test_production_refuses_to_start(start, over, cure):
    refused = start(**PRODUCTION | over)
    assert refused.returncode != 0
    assert cure in refused.stderr


def test_production_reads_no_key_file(start, tmp_path):
    assert keys.create(tmp_path / "keys")
    bare = {name: value for name, value in PRODUCTION.items() if name not in KEYS}
    refused = start(**bare)
    assert "PORTAL_SECRET_KEY, PORTAL_FIELD_KEYS, PORTAL_INDEX_KEY not set" in refused.stderr
    assert start("manage.py", "check", PORTAL_HTTPS="0").returncode == 0


def test_production_settings_pass_the_deployment_check(start):
    checked = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_new_keys_are_printed_as_an_environment_file(start):
    printed = start("manage.py", "setup_keys", "--print")
    lines = dict(line.split("=", 1) for line in printed.stdout.split())
    assert set(lines) == set(keys.NAMES)
    assert keys.FORMS["PORTAL_INDEX_KEY"][0].fullmatch(lines["PORTAL_INDEX_KEY"])


# The manual --------------------------------------------------------------------------------------
def documented(file: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.M))


def test_the_manual_lists_every_variable_and_no_other():
    read = env.KNOWN - {"X"} | {"PORT"}
    assert documented("docs/settings.md", r"^\| `([A-Z_]+)`") == read


def test_the_example_names_only_what_exists():
    named = documented("deploy/.env.example", r"^#? ?([A-Z_]+)=")
    assert named
    # The database's own password is compose's.
    assert named <= env.KNOWN | {"POSTGRES_PASSWORD"}
