"""A roster on its way through the pages: handed in, marked, committed, traced to its line, undone."""

import io
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from common import clock, jobs, vault
from common.models import Event, Job
from intake import forms
from intake.models import Upload
from intake.services import marking
from intake.services import uploads as services
from registry.models import Student
from registry.roles import Role
from tests.cast import TODAY
from tests.intake.rosters import child, children, make_school, workbook

WRONG = "152921201509010015"  # does not check
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def now(clock_at, monkeypatch):
    """A busy machine is no fault: what a request works by itself may take longer here."""
    monkeypatch.setattr(services, "INLINE_SECONDS", 60)
    monkeypatch.setattr(marking, "INLINE_SECONDS", 60)
    return clock_at(TODAY)


@pytest.fixture
def school(east):
    return make_school("阿左旗第一小学", east)


@pytest.fixture
def clerk(client, officer, east, school):
    user = officer(east)
    client.force_login(user)
    return user


@pytest.fixture
def three(school):
    """Two good rows, and one whose number does not check."""
    return [*children(2, school), child(3, school, 身份证号=WRONG)]


def hand_in(client, rows, name="名册.xlsx", **fields) -> Upload:
    file = SimpleUploadedFile(name, workbook(rows).read())
    client.post("/intake/kinds/students/upload/", {"file": file} | fields)
    return Upload.objects.latest("pk")


def page_of(client, upload, name="upload-detail", *args) -> str:
    answer = client.get(reverse(f"intake:{name}", args=[upload.pk, *args]))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def do(client, upload, deed, **fields) -> str:
    """Press a button of the upload's page; the page that follows."""
    address = f"{upload.get_absolute_url()}{deed}/"
    fields["seen"] = seen(page_of(client, upload))
    return client.post(address, fields, follow=True).content.decode()


def test_a_small_roster_shows_its_preview_at_once_and_can_be_undone(client, clerk, school):
    upload = hand_in(client, children(3, school))
    page = page_of(client, upload)
    assert "3 行都没有错误，可以提交" in page and "提交 3 行" in page
    assert "已提交 3 行" in do(client, upload, "commit")
    assert Student.objects.count() == 3
    page = do(client, upload, "undo")
    assert "已撤销 3 行" in page and "写入的都退回去了" in page
    assert Student.objects.count() == 0
    page = do(client, upload, "check")
    assert "3 行都没有错误，可以提交" in page
    assert "已提交 3 行" in do(client, upload, "commit")


def test_two_clicks_commit_once(client, clerk, school):
    upload = hand_in(client, children(2, school))
    fields = {"seen": seen(page_of(client, upload))}
    address = f"{upload.get_absolute_url()}commit/"
    client.post(address, fields)
    page = client.post(address, fields, follow=True).content.decode()
    assert "又查过或办过了" in page and Student.objects.count() == 2
    assert Event.objects.filter(verb="intake.committed").count() == 1


def test_the_good_rows_alone_are_committed_by_choice(client, clerk, three):
    upload = hand_in(client, three)
    page = page_of(client, upload)
    assert "1 行有错误" in page and "只提交无误的 2 行" in page
    page = do(client, upload, "commit", rows="good")
    assert "已提交 2 行" in page and "1 行有错误没有写入" in page
    assert Student.objects.count() == 2


def test_a_faulty_sheet_is_not_committed_as_a_whole(client, clerk, three):
    upload = hand_in(client, three)
    do(client, upload, "commit")
    assert Student.objects.count() == 0


def test_every_written_record_leads_to_its_line_and_its_page(client, clerk, school):
    upload = hand_in(client, children(2, school))
    do(client, upload, "commit")
    page = page_of(client, upload, "upload-written")
    student = Student.objects.earliest("source_row")
    line = reverse("intake:upload-row", args=[upload.pk, student.source_sheet, student.source_row])
    assert line in page and student.get_absolute_url() in page
    assert client.get(student.get_absolute_url()).status_code == 200


def test_a_line_of_the_original_is_masked_and_an_event(client, clerk, school):
    rows = children(2, school)
    upload = hand_in(client, rows)
    do(client, upload, "commit")
    student = Student.objects.earliest("source_row")
    page = page_of(client, upload, "upload-row", student.source_sheet, student.source_row)
    number = next(str(v) for v in rows[0].values() if len(str(v)) == 18)
    assert number not in page and f"{number[:4]}**********{number[-4:]}" in page
    assert "身份证号" in page and "阿左旗第一小学" in page
    event = Event.objects.get(verb="intake.row_seen")
    assert event.after == {"sheet": student.source_sheet, "row": student.source_row}
    for sheet, row in ((1, 999), (9, student.source_row)):
        assert client.get(f"{upload.get_absolute_url()}rows/{sheet}/{row}/").status_code == 404


def test_the_marked_workbook_is_the_same_with_red_cells(client, clerk, three):
    upload = hand_in(client, three)
    answer = client.get(reverse("intake:upload-marked", args=[upload.pk]))
    assert answer["Content-Type"] == XLSX
    assert "attachment" in answer["Content-Disposition"]
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert len(book.sheetnames) == 2
    assert Event.objects.filter(verb="intake.marked_fetched").count() == 1
    upload.refresh_from_db()
    again = client.get(reverse("intake:upload-marked", args=[upload.pk]))
    assert b"".join(again.streaming_content) == b"".join(vault.read(upload.marked_key))


def test_a_large_workbook_is_marked_by_a_job_for_which_a_page_waits(
    client, clerk, monkeypatch, three
):
    upload = hand_in(client, three)
    monkeypatch.setattr(marking, "SMALL", 0)
    monkeypatch.setattr("common.jobs.ring", lambda pk: None)
    address = reverse("intake:upload-marked", args=[upload.pk])
    for _click in range(2):
        page = client.get(address).content.decode()
        assert "正在做" in page and "every 2s" in page and '"X-Timer":"1"' in page
    job = Job.objects.get(kind=marking.KIND)
    jobs.run(job.pk)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "做好了" in part and address in part and "every " not in part
    assert client.get(address)["Content-Type"] == XLSX


def test_the_marked_workbook_goes_with_its_upload(
    client, clerk, django_capture_on_commit_callbacks, three
):
    upload = hand_in(client, three)
    client.get(reverse("intake:upload-marked", args=[upload.pk]))
    upload.refresh_from_db()
    key = upload.marked_key
    assert key and list(vault.read(key))
    with django_capture_on_commit_callbacks(execute=True):
        do(client, upload, "discard")
    with pytest.raises(vault.Gone):
        list(vault.read(key))


def test_the_marked_workbook_is_for_who_may_commit(client, clerk, officer, east, three):
    upload = hand_in(client, three)
    client.force_login(officer(east, Role.SUPERVISOR))
    assert client.get(reverse("intake:upload-marked", args=[upload.pk])).status_code == 403


def test_what_is_edited_since_is_left_by_an_undo_and_told(client, clerk, school):
    upload = hand_in(client, children(2, school))
    do(client, upload, "commit")
    changed = children(2, school)
    changed[0] = changed[0] | {"班级": "9班"}
    later = hand_in(client, changed, name="又改.xlsx")
    do(client, later, "commit")
    page = do(client, upload, "undo")
    assert "1 行没有撤销，保留不动" in page and "后来又改过" in page
    assert "1 行没有撤销" not in page_of(client, upload), "told once, after the deed"
    assert Student.objects.count() == 1


def test_forms_are_handed_out_for_ones_own_units(client, clerk, east, west):
    address = reverse("intake:kind-form", args=["students"])
    blank = client.get(address)
    assert blank["Content-Type"] == XLSX and "空表" in _name_of(blank)
    filled = client.get(address, {"filled": "1"})
    assert "预填表" in _name_of(filled)
    assert Event.objects.filter(verb="intake.form_filled").count() == 1
    refused = client.get(address, {"filled": "1", "unit": west.pk})
    assert refused.status_code == 302
    assert Event.objects.filter(verb="intake.form_filled").count() == 1


def _name_of(answer) -> str:
    return unquote(answer["Content-Disposition"])


def test_numbers_in_clear_need_a_reason_and_a_post(client, clerk, school):
    do(client, hand_in(client, children(1, school)), "commit")
    address = reverse("intake:kind-form", args=["students"])
    assert client.post(address, {"filled": "1"}).status_code == 302
    client.get(address, {"filled": "1", "reason": "核对"})
    client.post(address, {"filled": "1", "reason": "到户核对"})
    events = Event.objects.filter(verb="intake.form_filled").order_by("pk")
    assert [event.after["unmasked"] for event in events] == [False, True]


def test_a_form_of_a_period_asks_for_it(client, clerk):
    address = reverse("intake:kind-form", args=["indicator-values"])
    page = client.get(address, {"filled": "1"}, follow=True).content.decode()
    assert "期别" in page and "预填表要先说明" in page


def test_a_long_form_is_waited_for_by_who_asked(client, clerk, officer, east, monkeypatch):
    monkeypatch.setattr(forms.long, "MOST_AT_ONCE", -1)
    answer = client.get(reverse("intake:kind-form", args=["students"]), {"filled": "1"})
    page = answer["Location"]
    jobs.run(Job.objects.get(kind=forms.long.KIND).pk)
    assert "做好了" in client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert client.get(page)["Content-Type"] == XLSX
    client.force_login(officer(east))
    assert client.get(page).status_code == 404


def test_a_header_that_is_only_alike_is_confirmed_once(client, clerk, school):
    rows = [
        {("现就读年级" if k == "年级" else k): v for k, v in row.items()}
        for row in children(2, school)
    ]
    upload = hand_in(client, rows)
    page = page_of(client, upload)
    if upload.state == "MAPPING":
        fields = {"column-0": "grade", "seen": seen(page)}
        client.post(f"{upload.get_absolute_url()}headers/", fields)
    again = hand_in(client, rows, name="第二次.xlsx")
    assert again.state == "CHECKED" and "可以提交" in page_of(client, again)


def test_no_page_of_an_upload_shows_a_number(client, clerk, three):
    rows = three
    upload = hand_in(client, rows)
    numbers = [str(v) for row in rows for v in row.values() if len(str(v)) in (11, 18)]
    assert numbers
    for name in ("upload-detail", "upload-faults", "upload-changes", "upload-line"):
        page = page_of(client, upload, name)
        assert not [number for number in numbers if number in page], name
    assert clock.today() == TODAY
