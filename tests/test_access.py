"""Every address × every demonstration sign-in, as a table. A new view fails here until it is in it.

Each address is asked with GET, about things of 阿拉善左旗 where it names one. 2 opens, R sends on
to another page, 3 is not for this posting, 4 does not exist for this person, 5 is there for deeds
only (405). Nothing of 左旗 may show on any page of somebody who has no business there.
"""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, get_resolver, reverse

from common import clock, files
from common.models import ChangeSet, Display, Event, InboxLine, Job, RowChange, StoredFile, User
from common.periods import Kind, Period
from dashboard.demo.people import PEOPLE, SCHOOL, load_people
from dropout.models import (
    BulkDeed,
    Case,
    CaseTransfer,
    Closing,
    Comparison,
    Episode,
    NationalList,
    Notice,
    NoticeTemplate,
    Obligation,
    Pair,
    Placement,
    Visit,
    Watch,
)
from dropout.services.duties import declare
from registry.identity import number_index
from registry.models import (
    CalendarDay,
    Duty,
    Enrolment,
    Finding,
    Membership,
    OutsideList,
    Posting,
    School,
    Student,
    Transfer,
    Unit,
)
from registry.services import findings, students
from registry.services.duties import Owed, open_duties
from registry.services.findings import Found
from registry.services.postings import propose_posting
from registry.services.setup import load_calendar
from registry.services.units import load_units
from subsidies.models import (
    Award,
    BudgetLine,
    NoticeRun,
    Payment,
    PaymentBatch,
    Programme,
    Recognition,
    Standard,
)
from subsidies.services import sampling
from tasks_app.models import (
    HistoryBatch,
    Indicator,
    Observation,
    ProgressReport,
    Standing,
    WorkItem,
)
from tasks_app.services import numbers, quality, reports
from tasks_app.services.catalogue import load_plan
from tasks_app.services.duties import open_progress_duties
from tests.access_table import TABLE
from tests.children import give_number
from tests.intake import made, rosters

SIGN_INS = [person[0] for person in PEOPLE]
# What only 左旗, its school and the league may ever read.
SECRETS = [
    "左旗正式报告里的一句话",
    "左旗草稿里的一句话",
    "左旗的佐证材料.pdf",
    "乌日娜",
    "0483-0000011",
    "左旗的升级",
    "左旗的孩子",
    "左旗的名单",
    "152921201509010014",
]
FACTS = {"code": "T01-01", "value": "9", "middle": "1", "points": 6}
STRANGERS = ["right", "ejina", "school", "sysadmin", "secadmin", "auditor"]


@pytest.fixture
def world(db):
    """The plan, the people, and one of everything that an address can name, all of 左旗."""
    load_units()
    load_calendar()
    plan = load_plan()[0]
    today, now = clock.today(), clock.now()
    load_people(today)
    open_progress_duties(since=today.replace(year=today.year - 1, month=1, day=1), on=today)
    users = {user.username: user for user in User.objects.all()}
    ended = (
        Duty.objects.filter(code="tasks.07", unit__key="banner-zuoqi", period_kind="QUARTER")
        .ended(today)
        .order_by("-period_end")
    )
    submitted = reports.open_report(ended[0], by=users["left"], at=now)
    fair = Indicator.objects.get(code="T07-04")
    data = {
        "self_assessment": "ON_PLAN",
        "done": SECRETS[0],
        numbers.field_name(fair, "num"): "3",
    }
    reports.save_draft(submitted, by=users["left"], base_version=0, data=data, at=now)
    submitted = reports.submit_report(submitted, by=users["left"], at=now)
    approved = reports.open_report(ended[1], by=users["left"], at=now)
    reports.save_draft(approved, by=users["left"], base_version=0, data=data, at=now)
    approved = reports.submit_report(approved, by=users["left"], at=now)
    approved = reports.check_report(
        approved, by=users["left2"], at=now, seen=approved.draft_version
    )
    reports.approve_report(approved, by=users["bureau"], at=now, seen=approved.draft_version)
    draft = reports.open_report(ended[2], by=users["left"], at=now)
    reports.save_draft(draft, by=users["left"], base_version=0, data={"done": SECRETS[1]}, at=now)
    pdf = SimpleUploadedFile(SECRETS[2], b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n")
    files.store_file(pdf, by=users["left"], subject=submitted, purpose="evidence", at=now)
    line = InboxLine.objects.create(user=users["left"], text="请补报", sent_at=now)
    job = Job.objects.create(kind="common.export", run_after=now, asked_by=users["left"])
    batch = HistoryBatch.objects.create(
        title="往年数据", source="年鉴", submitted_by=users["bureau"], submitted_at=now
    )
    posting = propose_posting(
        users["left2"],
        by=users["sysadmin"],
        unit=Unit.objects.get(key="zone-gaoxin"),
        role="OFFICIAL",
        valid_from=today,
    )
    upload = made.upload(users["left"], Unit.objects.get(key="banner-zuoqi"), preview=made.full())
    made_of = [
        _moves(users, today, now),
        _child(users, today, now),
        _case(users, today, now),
        _comparison(users, today, now),
        _look(users, today, now),
        _month(today),
        _aid(users, today, now),
        _sampled(users, now),
    ]
    return joined(
        {
            "kind": "schools",
            "upload": upload,
            "row": {"pk": upload.pk, "sheet": 1, "row": 4},
            "users": users,
            "event": Event.objects.order_by("pk").first(),
            "option": "tasks_app.second_check",
            "target": fair.targets.create(
                unit=Unit.objects.get(key="league"),
                year=today.year,
                value=10,
                ground="DOCUMENT",
                source="某文件",
                set_at=now,
            ),
            "day": CalendarDay.objects.first(),
            "duty": ended[0],
            "report": submitted,
            "file": StoredFile.objects.get(),
            "line": line,
            "banner": Unit.objects.get(key="banner-zuoqi"),
            "standing": _standing(fair, now),
            "display": Display.objects.create(
                name="大厅", code_hash="x", made_by=users["bureau"], made_at=now
            ),
            "job": job,
            "batch": batch,
            "posting": posting,
            "finding": _finding(Unit.objects.get(key="banner-zuoqi"), now),
            "rule": quality.set_rule(
                by=users["bureau"],
                at=now,
                form="AT_MOST",
                left="T01-01:NUM",
                right=["T01-02:NUM"],
                note="口径",
            ),
            "pair": {
                "pk": Student.objects.get(name="左旗的孩子").pk,
                "other": Student.objects.get(name="左旗的学生").pk,
            },
            "doubt": _doubt(now),
            "listed": {"pk": 1},
            "picture": {"code": "trend"},
            "coverage": {"code": "stages"},
            "held": Posting.objects.get(user=users["left"]),
            "account": users["left"],
            "unit": Unit.objects.get(key="banner-zuoqi"),
            "plan": plan,
            "task": WorkItem.objects.get(plan=plan, no=7),
            "indicator": fair,
            "observation": Observation.objects.get(),
            "approved": ProgressReport.objects.get(pk=approved.pk),
        },
        *made_of,
    )


def joined(*parts: dict) -> dict:
    """All that addresses may name; one name for two things would try only the second."""
    names = [name for part in parts for name in part]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)
    return {name: thing for part in parts for name, thing in part.items()}


def _finding(unit, at):
    one = Found("tasks_app.outlier.1", "registry.unit", str(unit.pk), unit.pk, FACTS, "2025Q3")
    findings.settle([one], rules=[one.rule], checked=set(), at=at, on=at.date())
    return Finding.objects.get()


def _doubt(at) -> Finding:
    """A child of a school of 左旗 who is on a list, and nobody has recognised."""
    child = Student.objects.get(name="左旗的孩子")
    school = Unit.objects.get(name="左旗第三所小学")
    one = Found(
        "subsidies.aid.missed",
        "registry.student",
        str(child.pk),
        school.pk,
        {"decided": ""},
        "2025/26-1",
    )
    findings.settle([one], rules=[one.rule], checked=set(), at=at, on=at.date())
    return Finding.objects.get(rule=one.rule)


def _sampled(users, at) -> dict:
    """A payment of 左旗, drawn for a call, and the money that it is paid from."""
    banner, school = Unit.objects.get(key="banner-zuoqi"), Unit.objects.get(name="左旗第三所小学")
    batch = PaymentBatch.objects.create(
        unit=banner,
        title="春季",
        state="APPROVED",
        made_by=users["left2"],
        made_at=at,
        approved_by=users["left"],
        approved_at=at,
    )
    payment = Payment.objects.create(
        batch=batch,
        school=school,
        name="左旗的孩子",
        id_number="1",
        id_number_index=number_index("1"),
        programme=Programme.objects.get_or_create(code="sampled", name="抽查的项目")[0],
        term="2024/25-2",
        amount="312.50",
        paid_on=date(2025, 6, 20),
    )
    check = sampling.draw_sample(
        banner, term="2024/25-2", per_school=1, seed=1, by=users["left"], at=at
    )
    budget = BudgetLine.objects.create(
        year=2025,
        programme=payment.programme,
        unit=banner,
        source="REGION",
        document="左旗的文件",
        amount=1000,
    )
    return {
        "sample": check,
        "sampled": check.items.get(),
        "payment": payment,
        "moneybatch": batch,
        "budget": budget,
    }


def _standing(indicator, at) -> Standing:
    return Standing.objects.create(
        indicator=indicator,
        unit=Unit.objects.get(key="banner-zuoqi"),
        period="2025Q3",
        period_end=date(2025, 9, 30),
        state="REPORTED",
        numerator=30,
        value=30,
        light="unset",
        inputs_hash="x",
        computed_at=at,
    )


def _moves(users, today, now):
    """A child whom another school of 左旗 asks for, and a promotion of 左旗."""
    banner, school = Unit.objects.get(key="banner-zuoqi"), Unit.objects.get(key=SCHOOL)
    child = Student.objects.create(name="左旗的学生", residence=banner)
    Enrolment.objects.create(student=child, school=school, grade="13", valid_from=today)
    transfer = Transfer.objects.create(
        student=child,
        from_school=school,
        to_school=rosters.make_school("左旗另一所小学", banner),
        grade="13",
        proposed_by=users["left2"],
        proposed_at=now,
    )
    promotion = ChangeSet.objects.create(
        code="registry.students_promoted",
        by=users["left"],
        at=now,
        title="左旗的升级",
        subject_code="registry.unit",
        subject_pk=str(banner.pk),
    )
    return {"transfer": transfer, "promotion": promotion}


def _child(users, today, now):
    """A child of 左旗 with a guardian, edited once, and a list that names it."""
    banner = Unit.objects.get(key="banner-zuoqi")
    child = Student.objects.create(name="左旗的孩子", residence=banner)
    identifier = give_number(child, "152921201509010014")
    guardian = students.keep_guardian(child, by=users["left"], at=now, name="左旗的家长")
    school = rosters.make_school("左旗第三所小学", banner)
    enrolment = Enrolment.objects.create(student=child, school=school, grade="13", valid_from=today)
    outside = OutsideList.objects.create(
        department="RURAL", title="左旗的名单", listed_on=today, unit=banner
    )
    Membership.objects.create(
        list=outside,
        name=child.name,
        id_number=identifier.value,
        id_number_index=identifier.value_index,
        category="POVERTY_EXIT",
    )
    return {
        "child": child,
        "guardian": guardian,
        "enrolment": enrolment,
        "change": RowChange.objects.get(root_pk=child.pk),
        "list": outside,
    }


def _comparison(users, today, now):
    """A run of 左旗 that has found its child."""
    banner = Unit.objects.get(key="banner-zuoqi")
    comparison = Comparison.objects.create(
        kind="ABSENT",
        unit=banner,
        inputs={"month": "2025-09"},
        on=today,
        asked_by=users["left"],
        asked_at=now,
        finished_at=now,
    )
    child = Student.objects.get(name="左旗的孩子")
    pair = Pair.objects.create(comparison=comparison, outcome="UNTOLD", student=child)
    nation = NationalList.objects.create(unit=banner, listed_on=today)
    return {"comparison": comparison, "compared": pair, "nation": nation}


def _month(today):
    """What a school of 左旗, not the school reporter's, says of this month."""
    school = Unit.objects.get(name="左旗第三所小学")
    School.objects.create(unit=school, type=School.Type.PRIMARY)
    return {"returned": {"school": school.pk, "month": Period.of(Kind.MONTH, today).code}}


def _look(users, today, now):
    """What 左旗 owes of the four looks at the children, and what it told of it."""
    banner = Unit.objects.get(key="banner-zuoqi")
    quarter = Period.of(Kind.QUARTER, today).previous()
    open_duties([Owed(Obligation.QUARTER, banner.pk, quarter)])
    owed = Duty.objects.get(code=Obligation.QUARTER, unit=banner)
    told = declare(owed, held_on=quarter.end, text=SECRETS[0], by=users["left"], at=now)
    return {"look": owed, "declared": told}


def _aid(users, today, now):
    """A programme of 左旗, its child in need, on a notice, with an award."""
    banner, school = Unit.objects.get(key="banner-zuoqi"), Unit.objects.get(name="左旗第三所小学")
    child = Student.objects.get(name="左旗的孩子")
    term = Period.of(Kind.TERM, today).code
    programme = Programme.objects.create(code="local-1", name="左旗的资助项目", unit=banner)
    standard = Standard.objects.create(
        programme=programme, stage="PRIMARY", amount=100, document="左旗的文件", valid_from=today
    )
    notice = NoticeRun.objects.create(
        unit=school, term=term, starts_on=today, ends_on=today, made_by=users["left"], made_at=now
    )
    known = {"student": child, "unit": school, "term": term}
    recognition = Recognition.objects.create(
        state="NOTICED", level="A", recognised_on=today, notice=notice, **known
    )
    award = Award.objects.create(programme=programme, standard=standard, amount=50, **known)
    return {
        "programme": programme,
        "standard": standard,
        "recognition": recognition,
        "told": notice,
        "class": {"school": school.pk, "grade": "13"},
        "award": award,
    }


def _case(users, today, now):
    """A case of 左旗 with one of everything, offered to 右旗; and a template of documents."""
    banner, there = Unit.objects.get(key="banner-zuoqi"), Unit.objects.get(key="banner-youqi")
    child = Student.objects.create(name="左旗的孩子之二", residence=banner)
    case = Case.objects.create(student=child, unit=banner, opened_at=now)
    episode = Episode.objects.create(
        case=case,
        source="TOLD",
        found_on=today,
        state_since=today,
        confirmed_on=today,
        kind="NEVER_ENROLLED",
        cause="POVERTY",
    )
    signed = {"episode": episode, "recorded_by": users["left"], "recorded_at": now}
    visit = Visit.objects.create(on=today, visitor="乌日娜", way="HOME", result="REFUSED", **signed)
    notice = Notice.objects.create(
        kind="RETURN", number="1", issued_on=today, issuer="左旗", addressee="乌日娜", **signed
    )
    placement = Placement.objects.create(kind="HOME", began_on=today, **signed)
    return {
        "case": case,
        "record": {"kind": "visit", "pk": visit.pk},
        "notice": notice,
        "watch": Watch.objects.create(placement=placement, days=30, due_on=today),
        "closing": Closing.objects.create(
            episode=episode, proof="左旗的佐证", asked_by=users["left"], asked_at=now
        ),
        "looked": Watch.objects.create(
            placement=placement,
            days=60,
            due_on=today,
            answered_on=today,
            answer="PRESENT",
            answered_by=users["left"],
        ),
        "bulk": BulkDeed.objects.create(
            planned_on=today, asked_by=users["left"], asked_at=now, finished_at=now
        ),
        "offered": CaseTransfer.objects.create(
            case=case,
            from_unit=banner,
            to_unit=there,
            reason="迁居",
            offered_by=users["bureau"],
            offered_at=now,
        ),
        "template": NoticeTemplate.objects.create(kind="RETURN", name="复学通知书"),
        "paper": {"kind": "RETURN"},
    }


def named_addresses(patterns=None, namespace=""):
    """(name, argument names) of every address outside Django's admin."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if str(pattern.pattern).startswith("admin/"):
            continue
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", sorted(pattern.pattern.converters)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_addresses(pattern.url_patterns, inner)


def rows():
    """{address name: (what its number names, {sign-in: answer})} from the table."""
    lines = [line.split() for line in TABLE.strip().splitlines()]
    head = lines[0][2:]
    assert head == SIGN_INS, f"the table's heads must be {' '.join(SIGN_INS)}"
    return {line[0]: (line[1], dict(zip(head, line[2:], strict=True))) for line in lines[1:]}


def address_of(name, thing, arguments, world):
    if not arguments:
        return reverse(name)
    value = world[thing]
    if isinstance(value, dict):
        return reverse(name, kwargs=value)
    number = {"file": "key"}.get(thing, "pk")
    named = value if isinstance(value, str) else getattr(value, number)
    return reverse(name, kwargs=dict.fromkeys(arguments, named))


ANSWERS = {200: "2", 301: "R", 302: "R", 403: "3", 404: "4", 405: "5"}


def test_every_address_stands_in_the_table():
    missing = {name for name, _args in named_addresses()} - set(rows())
    gone = set(rows()) - {name for name, _args in named_addresses()}
    assert not missing and not gone, f"add {sorted(missing)}, remove {sorted(gone)}"


@pytest.mark.parametrize("sign_in", SIGN_INS)
def test_every_address_answers_as_the_table_says(client, world, sign_in, settings):
    found, wanted = {}, {}
    table = rows()
    client.force_login(world["users"][sign_in])
    for name, arguments in named_addresses():
        if name not in table or name == "accounts:logout":
            continue
        thing, answers = table[name]
        reply = client.get(address_of(name, thing, arguments, world))
        found[name] = ANSWERS.get(reply.status_code, str(reply.status_code))
        wanted[name] = answers[sign_in]
        if sign_in in STRANGERS and reply.status_code == 200 and not reply.streaming:
            page = reply.content.decode()
            shown = [secret for secret in SECRETS if secret in page]
            if name not in SHOWS_PEOPLE.get(sign_in, ()):
                assert not shown, f"{name} shows {shown} to {sign_in}"
    assert found == wanted


# The three administrators work on accounts and on the log: names of officials are their business.
SHOWS_PEOPLE = {
    "sysadmin": (
        "registry:account-list",
        "registry:account-detail",
        "registry:account-edit",
        "registry:posting-list",
        "registry:posting-propose-end",
        "common:job-list",
        "common:job-detail",
    ),
    "secadmin": (
        "registry:account-list",
        "registry:account-detail",
        "registry:posting-list",
        "registry:posting-end",
        "home",
    ),
    "auditor": ("common:event-list", "common:event-detail", "home"),
}


def test_signed_out_nothing_opens_but_the_door(client, world):
    open_to_all = {"accounts:login", "common:healthz", "common:readyz", "set_language"}
    open_to_all |= {"accounts:preferences", "accounts:logout", "dashboard:screen-open"}
    for name, arguments in named_addresses():
        if name in open_to_all:
            continue
        thing = rows()[name][0]
        reply = client.get(address_of(name, thing, arguments, world))
        assert reply.status_code == 302 and "/accounts/login/" in reply["Location"], name
