"""The roster of what was paid: a row is one sum to one child. It becomes a batch that waits for the
approval of a second person."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, Prefetch
from django.utils.translation import gettext_lazy as _

from common import crypto, masks, options
from intake.columns import (
    BankCard,
    Choice,
    Day,
    IdNumber,
    Money,
    PersonName,
    Text,
    UnitRef,
)
from intake.columns.base import BLANK
from intake.contexts import units_of
from intake.faults import declare
from intake.kinds import Chunk, ReportKind, Rule
from intake.stores.base import Held
from intake.stores.tables import Tables
from registry import identity
from registry.models import Identifier, IdKind, Unit
from subsidies.models import Award, Holder, Payment, PaymentBatch
from subsidies.models.payments import CARD
from subsidies.report_kinds.columns import ProgrammeRef, Term
from subsidies.services import reconciling, rosters
from subsidies.services.batches import LOCK

AT_ONCE = 2000  # awards

declare(
    {
        "amount_nothing": (
            _("“%(header)s”是 0"),
            _("没有发放的，删掉这一行。"),
        ),
        "paid_already": (
            _("同一人、同一项目、同一学期、同一天、同样的金额已经导入过"),
            _("是同一份花名册就不用再导；确实又发了一笔的，改正发放日期。"),
        ),
        "paid_ahead": (
            _("“%(header)s”在今天以后"),
            _("还没发放的不要导入。"),
        ),
    }
)


class AmountIsMoney(Rule):
    title = _("发放金额大于 0")

    def __init__(self, amount):
        self.amount = amount

    def check(self, chunk: Chunk):
        for at, value in enumerate(chunk.values.get(self.amount.name, ())):
            if value == 0 and value is not BLANK:
                yield at, self.amount.name, "amount_nothing", {"header": str(self.amount.header)}


class PaidByNow(Rule):
    title = _("发放日期不晚于今天")

    def __init__(self, paid_on, on=None):
        self.paid_on, self.on = paid_on, on

    def begin(self, context):
        return PaidByNow(self.paid_on, context.on)

    def check(self, chunk: Chunk):
        for at, value in enumerate(chunk.values.get(self.paid_on.name, ())):
            if hasattr(value, "year") and value > self.on:
                yield at, self.paid_on.name, "paid_ahead", {"header": str(self.paid_on.header)}


class NotPaidAlready(Rule):
    """The same roster again, or the same row in another one: one statement for a chunk of rows."""

    title = _("同一笔发放不重复导入")
    names = ("programme", "term", "amount", "paid_on")

    def check(self, chunk: Chunk):
        numbers = chunk.values.get("id_number") or []
        indexes = [one and UUID(one) for one in crypto.index_many(numbers, identity.NUMBER)]
        known = rosters.already_paid({one for one in indexes if one is not None})
        if not known:
            return
        columns = [chunk.values.get(name) or [BLANK] * len(numbers) for name in self.names]
        for at, row in enumerate(zip(indexes, *columns, strict=True)):
            if row in known:
                yield at, "id_number", "paid_already", {}


def the_batch(run, recorder) -> dict | None:
    """The batch of an upload, made when it is committed."""
    found = rosters.batch_of(run.upload_pk)
    if found is None and recorder is not None:
        found = recorder.insert(
            PaymentBatch(
                unit=run.context.unit,
                title=str(_("导入的发放花名册")),
                made_by=run.context.user,
                made_at=run.at,
                source_upload=run.upload_pk,
            )
        )
    return {"batch": found} if found else None


class Rosters(Tables):
    """Its pre-filled form lists what is still to be paid, not what is stored."""

    def held(self, kind, context) -> Iterator[Held]:
        for award in self._unpaid(context).iterator(chunk_size=AT_ONCE):
            yield Held(0, 0, _values(award))

    def held_count(self, kind, context) -> int:
        return self._unpaid(context).count()

    def _unpaid(self, context):
        """As far as this person sees: what another banner paid does not show by a missing line."""
        awards = Award.objects.filter(unit__in=units_of(context))
        paid = Payment.objects.visible_to(context.user, "subsidies.view_payment")
        owed = (reconciling.Standing.UNPAID, reconciling.Standing.RETURNED)
        papers = Identifier.objects.current().exclude(kind=IdKind.ROLL).order_by("pk")
        return (
            reconciling.reconciled(awards, paid, on=context.on)
            .filter(standing__in=owed, waiting=0)
            .select_related("student")
            .prefetch_related(Prefetch("student__identifiers", papers, to_attr="papers"))
            .order_by("pk")
        )


def _values(award) -> dict:
    papers = award.student.papers
    return {
        "school": award.unit_id,
        "name": award.student.name,
        "id_number": papers[0].value if papers else None,
        "programme": award.programme_id,
        "term": award.term,
        "standard": award.amount,
        "amount": award.amount,
    }


class AidPayments(ReportKind):
    slug = "aid-payments"
    title = _("资助发放花名册")
    about = _("发到学生卡上的资助，一行一笔；导入后成为一个批次，由另一个人审批。")
    permission = "subsidies.change_payment"
    key = ("id_number", "programme", "term", "paid_on")
    needs_right_totals = True

    school = UnitRef(
        "学校",  # data
        also=("学校名称", "就读学校", "所在学校", "学校全称"),  # data
        kinds=(Unit.Kind.SCHOOL,),
        required=True,
        fills_down=True,
    )
    name = PersonName("姓名", also=("学生姓名", "受助学生"), required=True, example="那仁")  # data
    id_number = IdNumber(
        "身份证号",  # data
        also=("身份证号码", "公民身份号码", "身份证件号", "证件号码"),  # data
        required=True,
        purpose=identity.NUMBER,
        example="152921201509010014",
    )
    programme = ProgrammeRef(
        "资助项目",  # data
        also=("项目", "项目名称", "资助类别"),  # data
        required=True,
        fills_down=True,
    )
    term = Term(
        "学年学期",  # data
        also=("学期", "发放学期", "资助学期"),  # data
        required=True,
        fills_down=True,
        example="2024/25-2",
        closed_after=lambda: options.get("subsidies.years_open"),
    )
    standard = Money("标准", also=("资助标准", "标准(元)", "补助标准"))  # data
    amount = Money(
        "发放金额",  # data
        also=("金额", "实发金额", "发放金额(元)", "资助金额", "补助金额"),  # data
        required=True,
        most=9_999_999,
        example="312.50",
    )
    paid_on = Day(
        "发放日期",  # data
        also=("发放时间", "打卡日期", "到账日期"),  # data
        required=True,
        fills_down=True,
        example="2025-06-20",
    )
    card_holder = PersonName("卡主姓名", also=("户名", "开户人", "持卡人"))  # data
    relation = Choice(
        "与学生关系",  # data
        Holder,
        also=("关系", "卡主与学生关系"),  # data
    )
    bank = Text("开户行", also=("开户银行", "银行名称", "开户行名称"), most=60)  # data
    card = BankCard(
        "银行卡号",  # data
        also=("卡号", "社保卡号", "银行账号", "一卡通号", "银行卡(社保卡)号"),  # data
        purpose=CARD,
    )
    remark = Text("备注", also=("说明",))  # data

    rules = (AmountIsMoney(amount), PaidByNow(paid_on), NotPaidAlready())

    store = Rosters(
        Payment,
        locks=(LOCK,),
        fields={
            "school": "school",
            "name": "name",
            "id_number": "id_number",
            "programme": "programme",
            "term": "term",
            "standard": "standard",
            "amount": "amount",
            "paid_on": "paid_on",
            "card_holder": "card_holder",
            "relation": "relation",
            "bank": "bank",
            "card": "card",
            "remark": "remark",
        },
        keys=("id_number", "programme", "term", "paid_on"),
        fixed=the_batch,
        holder=lambda on: Payment.objects.annotate(holder=F("batch__unit")),
        subject="name",
        mask=masks.name,
    )

    def settle(self, change_set, context, at):
        rosters.follow_roster(change_set)
