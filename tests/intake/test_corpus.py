"""The corpus: every habit and fault of the sheets that offices keep, and exactly what is said of it.

After a change that is meant, `CORPUS_RECORD=1 pytest tests/intake/test_corpus.py` writes down what is
said now; the difference is read before it is kept.
"""

import json
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.models import User
from intake import kinds
from intake.faults import all_codes
from intake.management.commands.intake import COUNTS, as_entry
from intake.models import Upload
from intake.services import uploads
from intake.services.previews import read_preview
from tests.intake.corpus import world
from tests.intake.corpus.cases import EXPECTED, cases
from tests.intake.test_commands import KEYS, run

pytestmark = pytest.mark.django_db

RECORDS = os.environ.get("CORPUS_RECORD") == "1"


@pytest.fixture(scope="module", autouse=True)
def stored(django_db_setup, django_db_blocker):
    """The world, made once; each test rolls back what it did to it."""
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        world.rolled_back(),
    ):
        world.stop_the_clock(patch)
        world.make_world()
        yield


def hand_in(case, folder) -> dict:
    """What the command says of a case: exit code, JSON without the upload's number, errors."""
    path = folder / case.file
    path.write_bytes(case.make())
    code, out, err = run("intake", case.kind, str(path), "--by", case.by, *case.arguments, "--json")
    told = json.loads(out) if out else None
    if told:
        assert list(told) == KEYS
        del told["upload"]
    return {"exit": code, "json": told, "stderr": err.strip()}


@pytest.mark.parametrize("case", cases.values(), ids=cases)
def test_a_workbook_is_told_as_it_is(case, tmp_path):
    told = hand_in(case, tmp_path)
    if RECORDS:
        words = json.dumps(told, ensure_ascii=False, indent=1)
        case.expected_path.write_text(words + "\n", encoding="utf-8")
    assert told == case.expected()
    assert _codes(told) == case.tells
    if told["json"] is None:
        assert (told["exit"], bool(told["stderr"])) == (2, True)
    else:
        counts = told["json"]
        parts = ("inserted", "updated", "unchanged", "rejected", "conflicts")
        assert counts["rows"] == sum(counts[name] for name in parts)
        is_good = not (counts["rejected"] or counts["conflicts"] or counts["errors_total"])
        assert told["exit"] == (0 if is_good else 1)


def _codes(told: dict) -> set[str]:
    if told["json"] is None:
        refused = Upload.objects.exclude(fault="").last()
        return {refused.fault} if refused else set()  # of what never came to be an upload
    return {one["code"] for one in (*told["json"]["errors"], *told["json"]["warnings"])}


def test_the_corpus_is_as_wide_as_it_should_be():
    assert len(cases) >= 60
    assert {case.kind for case in cases.values()} == {kind.slug for kind in kinds.all_kinds()}
    formats = {case.file.rpartition(".")[2] for case in cases.values()}
    assert formats >= {"xlsx", "xlsm", "xls", "xlsb", "ods", "et", "csv", "tsv"}
    assert set().union(*(case.tells for case in cases.values())) <= set(all_codes())
    assert {path.stem for path in EXPECTED.glob("*.json")} == set(cases)


ON_PAGES = {
    "format-xls-of-libreoffice": {},
    "id-checksum": {},
    "header-left-behind-form": {},
    "stored-elsewhere": {},
    "list-facts-above": {},
    "values-long": {"period": "2025Q3"},
}


@pytest.mark.parametrize("name", ON_PAGES)
def test_a_page_finds_what_the_command_finds(name, client, monkeypatch):
    monkeypatch.setattr(uploads, "INLINE_SECONDS", 60)  # a busy machine is no fault
    case = cases[name]
    by = User.objects.get(username=case.by)
    client.force_login(by)
    file = SimpleUploadedFile(case.file, case.make())
    client.post(f"/intake/kinds/{case.kind}/upload/", {"file": file} | ON_PAGES[name])
    upload = Upload.objects.latest("pk")
    told, expected = read_preview(upload, by), case.expected()["json"]
    assert told.counts == {key: expected[key] for key in COUNTS}
    assert [as_entry(one) for one in told.faults] == expected["errors"]
    assert [as_entry(one) for one in told.warnings] == expected["warnings"]
    page = client.get(upload.get_absolute_url())
    assert page.status_code == 200
    for one in expected["errors"]:
        assert f"{one['column']}{one['row']}" in page.content.decode()
