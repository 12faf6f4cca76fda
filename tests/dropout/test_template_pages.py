"""The bureau's templates of documents on their pages: kept in versions, checked, tried out."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from common.models import Event, StoredFile
from dropout.models import NoticeKind, NoticeTemplate
from registry.roles import Role
from tests.cast import TODAY
from tests.dropout.papers import docx, lines_of

LIST, NEW = "/dropout/templates/", "/dropout/templates/new/"


@pytest.fixture(autouse=True)
def now(clock_at, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    clock_at(TODAY)


@pytest.fixture
def bureau(client, officer, league):
    user = officer(league, Role.BUREAU)
    client.force_login(user)
    return user


def upload(content: bytes, name="模板.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def add(client, **over):
    facts = {"kind": "CORRECT_BY", "name": "责令改正（左旗）", "legal_basis": ""} | over
    return client.post(NEW, facts)


def only() -> NoticeTemplate:
    return NoticeTemplate.objects.get()


def test_the_list_offers_every_kind_and_the_names_that_may_be_written(client, bureau):
    page = client.get(LIST).content.decode()
    for kind in NoticeKind:
        assert str(kind.label) in page
    assert "{{ 学生姓名 }}" in page and "身份证号" in page


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.OFFICIAL])
def test_only_the_bureau_keeps_templates(client, officer, league, role):
    client.force_login(officer(league, role))
    assert client.get(LIST).status_code == 403 and add(client).status_code == 403
    assert not NoticeTemplate.objects.exists()


def test_a_template_without_a_file_uses_the_built_in_wording(client, bureau):
    answer = add(client)
    template = only()
    assert answer.status_code == 302 and answer.url == f"{LIST}{template.pk}/"
    assert template.legal_basis == "" and template.changed_by == bureau
    file = client.get(f"{LIST}{template.pk}/document/")
    assert "责令限期改正通知书" in lines_of(file.content)
    assert file["Cache-Control"].startswith("no-store")
    assert "法律依据没有写" in client.get(LIST).content.decode()


def test_a_new_version_counts_and_the_old_ones_stay(client, bureau):
    add(client, file=upload(docx("第一版 {{ 学生姓名 }}")))
    template = only()
    second = upload(docx("第二版 {{ 学生姓名 }}"))
    facts = {"kind": template.kind, "name": template.name, "seen": template.version}
    page = f"{LIST}{template.pk}/"
    assert client.post(page, facts | {"file": second}).status_code == 302
    assert lines_of(client.get(f"{page}document/").content) == ["第二版 {{ 学生姓名 }}"]
    assert StoredFile.objects.filter(removed_at=None).count() == 2
    sample = client.get(f"{page}preview/")
    assert lines_of(sample.content) == ["第二版 示例学生"]


def test_the_legal_basis_is_what_the_staff_typed(client, bureau):
    add(client, legal_basis="某法第几条")
    body = Document(io.BytesIO(client.get(f"{LIST}{only().pk}/preview/").content))
    assert any(line.text == "依据：某法第几条" for line in body.paragraphs)


@pytest.mark.parametrize(
    "content, said",
    [
        (docx("{{ 学生名字 }}"), "学生名字"),
        (docx("{{ ''.__class__ }}"), "不能有运算"),
        (docx("{% for x in 学生姓名 %}{% endfor %}"), "不能有运算"),
        (b"PK\x03\x04broken", "打不开"),
        (b"", "空的"),
    ],
)
def test_a_bad_file_is_refused_beside_its_field_and_nothing_is_kept(client, bureau, content, said):
    answer = add(client, name="我写的名称", file=upload(content))
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "我写的名称" in page
    assert not NoticeTemplate.objects.exists() and not StoredFile.objects.exists()


def test_a_file_of_another_kind_is_refused(client, bureau):
    assert add(client, file=upload(docx("x"), "模板.docm")).status_code == 422
    assert add(client, file=upload(b"%PDF-1.4", "模板.docx")).status_code == 422
    assert not NoticeTemplate.objects.exists()


def test_a_name_stands_once(client, bureau):
    add(client)
    again = add(client)
    assert again.status_code == 422 and "已有叫这个名称的模板" in again.content.decode()
    assert NoticeTemplate.objects.count() == 1


def test_a_stale_form_overwrites_nothing_and_keeps_what_was_typed(client, bureau):
    add(client)
    template = only()
    facts = {"kind": template.kind, "seen": template.version}
    page = f"{LIST}{template.pk}/"
    assert client.post(page, facts | {"name": "先改的"}).status_code == 302
    late = client.post(page, facts | {"name": "后改的"})
    assert late.status_code == 422 and "后改的" in late.content.decode()
    assert only().name == "先改的"
    facts["seen"] = late.context["form"].data["seen"]
    assert client.post(page, facts | {"name": "后改的"}).status_code == 302
    assert only().name == "后改的"


def test_out_of_use_and_back_a_second_click_does_nothing(client, bureau):
    add(client)
    page = f"{LIST}{only().pk}/use/"
    for _click in range(2):
        assert client.post(page, {"to": "off"}).status_code == 302
        assert not only().is_active
    assert Event.objects.filter(verb="dropout.template_retired").count() == 1
    client.post(page, {"to": "on"})
    assert only().is_active and client.get(page).status_code == 405


def test_every_deed_leaves_an_event_and_names_no_file(client, bureau):
    add(client, file=upload(docx("{{ 文号 }}"), "机密.docx"))
    client.get(f"{LIST}{only().pk}/document/")
    told = {event.verb for event in Event.objects.all()}
    assert {"dropout.template_changed", "dropout.template_fetched", "common.file_stored"} <= told
    assert "机密" not in str(list(Event.objects.values()))


def test_no_file_goes_past_the_check(client, bureau):
    """The common way of attaching files is closed for templates."""
    add(client)
    facts = {"subject": "dropout.noticetemplate", "pk": only().pk, "purpose": "template"}
    answer = client.post("/files/", facts | {"file": upload(docx("{{ x }}"))})
    assert answer.status_code in (403, 404)
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("path", ["built-in/NOTHING/", "999999/", "999999/document/"])
def test_what_does_not_exist_is_not_found(client, bureau, path):
    assert client.get(LIST + path).status_code == 404


@pytest.mark.parametrize("kind", ["CORRECT_BY", "RECEIPT"])
def test_the_built_in_wording_can_be_fetched(client, bureau, kind):
    file = client.get(f"{LIST}built-in/{kind}/")
    assert file.status_code == 200 and lines_of(file.content)[0] == NoticeKind(kind).label
