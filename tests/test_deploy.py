"""The files of deploy/ as their own programs read them, without starting an engine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.portals import free_port

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROGRAMS = Path(sys.executable).parent


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)


def needs(program):
    missing = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None
    return pytest.mark.skipif(missing, reason=f"{program} is not installed")


def test_compose_file_is_one():
    checked = run(
        PROGRAMS / "check-jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        DEPLOY / "compose.yaml",
    )
    assert checked.returncode == 0, checked.stdout


def test_gunicorn_reads_its_settings(tmp_path):
    keys = {"PORTAL_SECRET_KEY": "x" * 60, "PORTAL_FIELD_KEYS": "k1:" + "00" * 32}
    env = {"PATH": os.environ["PATH"], "PORTAL_VAR": str(tmp_path), **keys}
    env["PORTAL_INDEX_KEY"] = "11" * 32
    checked = run(
        PROGRAMS / "gunicorn", "-c", DEPLOY / "gunicorn.conf.py", "--check-config", env=env
    )
    assert checked.returncode == 0, checked.stderr


@needs("systemd-analyze")
def test_systemd_reads_every_line_of_the_units(tmp_path):
    assert len(UNITS) == 4
    for unit in UNITS:
        text = unit.read_text().replace("/opt/alashan-portal/.venv/bin", str(PROGRAMS))
        (tmp_path / unit.name).write_text(text.replace("/opt/alashan-portal", str(ROOT)))
    checked = run("systemd-analyze", "verify", *(tmp_path / unit.name for unit in UNITS))
    ours = [line for line in checked.stderr.splitlines() if "portal-" in line]
    assert checked.returncode == 0, checked.stderr
    assert not ours


def test_units_name_programs_and_files_that_exist():
    for unit in UNITS:
        for program in re.findall(r"/opt/alashan-portal/\.venv/bin/([\w-]+)", unit.read_text()):
            assert (PROGRAMS / program).exists()
        for file in re.findall(r"(?:file:///opt/alashan-portal/| -c )(\S+)", unit.read_text()):
            assert (ROOT / file).exists()


@needs("nginx")
@needs("openssl")
def test_nginx_reads_the_site(tmp_path):
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    request = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=portal.example.cn",
    ]
    run("openssl", *request, "-keyout", key, "-out", certificate, check=True)
    site = (DEPLOY / "nginx.conf").read_text().replace("/etc/alashan-portal/tls", str(tmp_path))
    # It opens its ports even for a test, and its folders belong to another user.
    site = re.sub(r"listen (80|443)", lambda _found: f"listen 127.0.0.1:{free_port()}", site)
    (tmp_path / "site.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in kinds)
    main = tmp_path / "nginx.conf"
    main.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {folders} include {tmp_path}/site.conf; }}"
    )
    env = {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    checked = run("nginx", "-t", "-q", "-c", main, "-p", tmp_path, env=env)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_the_manual_names_commands_that_exist():
    manual = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|&& )portal ([a-z_]+)|manage\.py ([a-z_]+)", manual, re.M))
    commands = {first or second for first, second in named}
    assert {"migrate", "setup_bureau", "serve"} <= commands
    assert commands <= set(get_commands())
