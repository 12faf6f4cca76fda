"""A child whom another unit holds: who is asked, who answers, and what each answer does."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import changes
from common.models import ChangeSet, Event, InboxLine
from registry.models import Enrolment, Student, Transfer, Unit
from registry.roles import Role
from registry.services import history
from registry.services import transfers as services
from registry.services.rosters import propose_transfers
from tests.cast import NOW, TODAY
from tests.intake.rosters import domain_rows
from tests.registry.roll import child, enrol, make_school

LIST = "/students/transfers/"
YESTERDAY = TODAY - timedelta(days=1)
NO_SHEET = {"source_upload": None, "source_sheet": None, "source_row": None}
End = Enrolment.End


@pytest.fixture(autouse=True)
def now(clock_at):
    clock_at(TODAY)


class Cast:
    """Schools of two banners, their people, and a child of east whom west asks for."""

    def __init__(self, units, officer):
        east, west = units["banner-zuoqi"], units["banner-ejina"]
        self.here, self.there = make_school("左旗小学", east), make_school("额旗小学", west)
        self.giver = officer(self.here, Role.SCHOOL, "giver", "给的人")
        self.asker = officer(self.there, Role.SCHOOL, "asker", "要的人")
        self.official = officer(east, Role.OFFICIAL, "official", "左旗的人")
        self.stranger = officer(make_school("旁边的小学", east), Role.SCHOOL, "stranger", "旁人")
        self.pupil = child(1, self.here, "13")

    def propose(self, *children) -> list[Transfer]:
        wanted = [
            {
                "student": one.pk,
                "to_school": self.there.pk,
                "grade": "14",
                "class_name": "3班",
                "source": NO_SHEET,
            }
            for one in children or [self.pupil]
        ]
        with (
            transaction.atomic(),
            changes.record("intake.students", by=self.asker, at=NOW) as recorder,
        ):
            propose_transfers(wanted, by=self.asker, at=NOW, on=TODAY, recorder=recorder)
        return list(Transfer.objects.order_by("pk"))


@pytest.fixture
def cast(units, officer):
    return Cast(units, officer)


def accept(transfer, by):
    return services.accept_transfer(transfer, by=by, at=NOW, on=TODAY)


def inbox_of(user):
    return list(InboxLine.objects.filter(user=user).values_list("text", flat=True))


# Asking --------------------------------------------------------------------------------------------
def test_who_holds_the_children_reads_one_line_without_names(cast):
    cast.propose(cast.pupil, child(2, cast.here))
    assert inbox_of(cast.giver) == ["左旗小学有 2 名学生被申请转走，等答复。"]
    assert inbox_of(cast.official) == inbox_of(cast.giver)
    assert not inbox_of(cast.stranger) and not inbox_of(cast.asker)


# Accepting -----------------------------------------------------------------------------------------
def test_accepting_ends_the_old_enrolment_the_day_before(cast):
    (transfer,) = cast.propose()
    accept(transfer, cast.giver)
    old, new = cast.pupil.enrolments.order_by("valid_from")
    assert (old.valid_to, old.end_reason) == (YESTERDAY, End.TRANSFERRED)
    assert (new.school, new.grade, new.class_name) == (cast.there, "14", "3班")
    assert (new.valid_from, new.valid_to) == (TODAY, None)
    transfer.refresh_from_db()
    assert transfer.accepted and transfer.decided_by == cast.giver
    assert inbox_of(cast.asker) == ["同意转学：学生已转入额旗小学。"]
    event = Event.objects.get(verb="registry.transfer_accepted")
    assert cast.pupil.name not in str(event.before) + str(event.after) + event.subject_title


def test_an_accepted_transfer_can_be_undone(cast):
    (transfer,) = cast.propose()
    before = domain_rows(Student, Enrolment, Transfer)
    done = accept(transfer, cast.giver)
    history.undo(done, student=cast.pupil, by=cast.giver, at=NOW)
    assert domain_rows(Student, Enrolment, Transfer) == before
    accept(transfer, cast.giver)  # the question was open again


def test_a_child_at_no_school_is_taken_by_who_asks(cast):
    lone = child(7)
    Student.objects.filter(pk=lone.pk).update(residence=Unit.objects.get(key="banner-zuoqi"))
    transfer = cast.propose(lone)[0]
    assert not inbox_of(cast.giver)
    accept(transfer, cast.asker)
    assert lone.enrolments.get().school == cast.there


def test_the_second_answer_changes_nothing(cast):
    (transfer,) = cast.propose()
    accept(transfer, cast.giver)
    stored = domain_rows(Student, Enrolment, Transfer)
    for deed in (
        lambda: accept(transfer, cast.giver),
        lambda: services.refuse_transfer(transfer, by=cast.official, at=NOW, reason="晚了"),
        lambda: services.withdraw_transfer(transfer, by=cast.asker, at=NOW),
    ):
        with pytest.raises(services.AlreadyDecided):
            deed()
    assert domain_rows(Student, Enrolment, Transfer) == stored


def test_who_no_longer_holds_the_child_cannot_give_it(cast):
    (transfer,) = cast.propose()
    cast.pupil.enrolments.update(valid_to=YESTERDAY, end_reason=End.LEFT)
    enrol(cast.pupil, make_school("第三所", Unit.objects.get(key="banner-youqi")), valid_from=TODAY)
    with pytest.raises(services.AlreadyDecided):
        accept(transfer, cast.giver)
    assert Transfer.objects.open().count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_two_people_at_once_move_a_child_once(cast):
    (transfer,) = cast.propose()
    told = []

    def answer(user):
        try:
            accept(transfer, user)
            told.append("done")
        except services.AlreadyDecided:
            told.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[who]) for who in (cast.giver, cast.official)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["done", "late"]
    assert cast.pupil.enrolments.filter(valid_to=None).count() == 1


# Pages ---------------------------------------------------------------------------------------------
def test_the_giver_decides_on_the_page(client, cast):
    (transfer,) = cast.propose()
    client.force_login(cast.giver)
    page = client.get(LIST).content.decode()
    assert "1 名学生被申请转学，等答复" in page and cast.pupil.name in page
    address = reverse("registry:transfer-accept", args=[transfer.pk])
    assert "已转学" in client.post(address, follow=True).content.decode()
    assert "已经有了答复" in client.post(address, follow=True).content.decode()
    page = client.get(LIST).content.decode()
    assert reverse("registry:transfer-undo", args=[transfer.pk]) in page
    client.post(reverse("registry:transfer-undo", args=[transfer.pk]))
    assert cast.pupil.enrolments.get(valid_to=None).school == cast.here


def test_the_list_asks_as_much_for_five_as_for_one(client, cast):
    client.force_login(cast.official)
    cast.propose()
    client.get(LIST)  # what is asked once for all
    counted = []
    for more in ((), [child(n, cast.here) for n in range(2, 6)]):
        if more:
            cast.propose(*more)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(LIST).status_code == 200
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_each_sides_line_leads_to_its_own_tab(client, cast):
    (transfer,) = cast.propose()
    line = InboxLine.objects.get(user=cast.giver)
    client.force_login(cast.giver)
    assert client.get(reverse("common:inbox-open", args=[line.pk]))["Location"] == LIST
    accept(transfer, cast.giver)
    answer = InboxLine.objects.get(user=cast.asker)
    client.force_login(cast.asker)
    opened = client.get(reverse("common:inbox-open", args=[answer.pk]))
    assert opened["Location"] == f"{LIST}?side=to"


def test_the_asker_reads_a_mask_and_may_take_the_question_back(client, cast):
    (transfer,) = cast.propose()
    client.force_login(cast.asker)
    page = client.get(f"{LIST}?side=to").content.decode()
    assert cast.pupil.name not in page and "学**" in page
    assert reverse("registry:transfer-accept", args=[transfer.pk]) not in page
    client.post(reverse("registry:transfer-accept", args=[transfer.pk]))
    assert cast.pupil.enrolments.get().school == cast.here
    client.post(reverse("registry:transfer-withdraw", args=[transfer.pk]))
    assert not Transfer.objects.open().exists()


def test_a_refusal_needs_a_reason_which_the_asker_reads(client, cast):
    (transfer,) = cast.propose()
    client.force_login(cast.giver)
    address = reverse("registry:transfer-refuse", args=[transfer.pk])
    assert client.post(address, {"reason": " "}).status_code == 422
    client.post(address, {"reason": "学生还在本校上课"})
    transfer.refresh_from_db()
    assert transfer.accepted is False and cast.pupil.enrolments.get().valid_to is None
    client.force_login(cast.asker)
    assert "学生还在本校上课" in client.get(f"{LIST}?side=to").content.decode()


def test_a_transfer_does_not_exist_for_strangers(client, cast):
    (transfer,) = cast.propose()
    client.force_login(cast.stranger)
    page = client.get(LIST).content.decode() + client.get(f"{LIST}?side=to").content.decode()
    assert cast.pupil.name not in page and "额旗小学" not in page
    for deed in ("accept", "withdraw", "undo", "refuse"):
        address = reverse(f"registry:transfer-{deed}", args=[transfer.pk])
        assert client.post(address, {"reason": "与我无关"}).status_code == 404
    assert Transfer.objects.open().count() == 1


# Two schools at once -------------------------------------------------------------------------------
TWICE = "/students/twice/"


@pytest.fixture
def double(cast):
    return enrol(cast.pupil, cast.there, "13", valid_from=date(2025, 9, 1))


def test_a_child_at_two_schools_is_listed_until_a_person_decides(client, cast, double):
    client.force_login(cast.giver)
    assert "1 名学生同时在两所学校" in client.get(TWICE).content.decode()
    address = reverse("registry:double-end", args=[double.pk])
    assert "到昨天为止" in client.post(address, follow=True).content.decode()
    double.refresh_from_db()
    assert (double.valid_to, double.end_reason) == (YESTERDAY, End.DOUBLE)
    first = cast.pupil.enrolments.get(valid_to=None)
    late = client.post(reverse("registry:double-end", args=[first.pk]), follow=True)
    assert "只在一所学校" in late.content.decode()  # never the last one
    first.refresh_from_db()
    assert first.valid_to is None


def test_the_second_school_may_end_its_own_only(client, cast, double):
    client.force_login(cast.asker)
    first = cast.pupil.enrolments.get(school=cast.here)
    address = reverse("registry:double-end", args=[first.pk])
    assert client.post(address).status_code == 404
    client.post(reverse("registry:double-end", args=[double.pk]))
    assert cast.pupil.enrolments.get(valid_to=None) == first


def test_ending_a_double_can_be_undone(cast, double):
    before = domain_rows(Student, Enrolment)
    services.end_double(double, by=cast.giver, at=NOW, on=TODAY)
    done = ChangeSet.objects.get(code=services.DOUBLE_ENDED)
    history.undo(done, student=cast.pupil, by=cast.giver, at=NOW)
    assert domain_rows(Student, Enrolment) == before


def test_strangers_do_not_see_doubles(client, cast, double):
    client.force_login(cast.stranger)
    assert cast.pupil.name not in client.get(TWICE).content.decode()
    assert client.post(reverse("registry:double-end", args=[double.pk])).status_code == 404
