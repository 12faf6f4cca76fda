"""The coded words of dropout control: states, causes, reasons, ways, kinds.

Where a list rests on a document or on a proposal is told in the guide; all are the bureau's to confirm.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an episode stands. Derived from its facts; see `dropout.services.states`."""

    SUSPECTED = "SUSPECTED", _("疑似")
    VERIFYING = "VERIFYING", _("核实中")
    RULED_OUT = "RULED_OUT", _("已排除")
    CONFIRMED = "CONFIRMED", _("已确认")
    PERSUADING = "PERSUADING", _("劝返中")
    PLACED = "PLACED", _("已安置")
    WATCHED = "WATCHED", _("巩固观察")
    CLOSED = "CLOSED", _("已销号")
    LEFT_AGAIN = "LEFT_AGAIN", _("再次辍学")


# Confirmed and not at school: what "open" means in T01-01 and T01-02.
OUT_OF_SCHOOL = (State.CONFIRMED, State.PERSUADING)
# Looked into, and nothing is known for certain.
IN_QUESTION = (State.SUSPECTED, State.VERIFYING)
SETTLED = (State.PLACED, State.WATCHED)
ENDED = (State.RULED_OUT, State.CLOSED, State.LEFT_AGAIN)


class Kind(models.TextChoices):
    """What was confirmed."""

    NEVER_ENROLLED = "NEVER_ENROLLED", _("失学")
    DROPPED_OUT = "DROPPED_OUT", _("辍学")


class Source(models.TextChoices):
    """What led to the child."""

    COMPARISON = "COMPARISON", _("数据比对")
    ATTENDANCE = "ATTENDANCE", _("学校在校情况月报")
    LEDGER = "LEDGER", _("台账")
    DOOR_TO_DOOR = "DOOR_TO_DOOR", _("入户摸排")
    WRITTEN_REPORT = "WRITTEN_REPORT", _("学校书面报告")
    TOLD = "TOLD", _("群众反映")
    LEFT_AGAIN = "LEFT_AGAIN", _("安置后又离校")
    OTHER = "OTHER", _("其他")


class Cause(models.TextChoices):
    """Why a child is out of school.

    Belief and health are sensitive: of them the open column says GUARDED only, so that no list,
    figure or export can tell; the code itself lies encrypted beside it.
    """

    POVERTY = "POVERTY", _("因贫")
    LEARNING = "LEARNING", _("学习困难或厌学")
    WORK = "WORK", _("外出打工")
    MARRIAGE = "MARRIAGE", _("早婚早育")
    DISTANCE = "DISTANCE", _("上学远上学难")
    FAMILY = "FAMILY", _("家庭变故、监护缺失")
    MIGRATION = "MIGRATION", _("随父母流动失联")
    RELIGION = "RELIGION", _("信教")
    HEALTH = "HEALTH", _("身体原因不具备学习能力")
    OTHER = "OTHER", _("其他")
    GUARDED = "GUARDED", _("另行记载")


SENSITIVE_CAUSES = frozenset({Cause.RELIGION, Cause.HEALTH})
OPEN_CAUSES = tuple(one for one in Cause if one not in SENSITIVE_CAUSES)


class NotDropout(models.TextChoices):
    """Why a suspicion was none: outcomes of a check, each with its proof."""

    DIED = "DIED", _("死亡")
    FALSE_RECORD = "FALSE_RECORD", _("空挂户、双重户籍、号码或姓名有误、查无此人")
    ENROLLED = "ENROLLED", _("已在校且有学籍")
    NO_ROLL_INSIDE = "NO_ROLL_INSIDE", _("区内就读，无学籍")
    NO_ROLL_OUTSIDE = "NO_ROLL_OUTSIDE", _("区外就读，无学籍")
    OVER_AGE = "OVER_AGE", _("已超龄离校")
    ABROAD = "ABROAD", _("出国在外")
    ILL = "ILL", _("因病因残（送教）")
    UNREACHABLE = "UNREACHABLE", _("随父母外出，无法联系")


SENSITIVE_REASONS = frozenset({NotDropout.ILL})


class End(models.TextChoices):
    """How an episode ended."""

    RULED_OUT = "RULED_OUT", _("排除")
    CLOSED = "CLOSED", _("销号")
    LEFT_AGAIN = "LEFT_AGAIN", _("再次辍学")


class Line(models.TextChoices):
    """The two lines of responsibility, and the family."""

    GOVERNMENT = "GOVERNMENT", _("政府")
    EDUCATION = "EDUCATION", _("教育")
    FAMILY = "FAMILY", _("家庭")


class Way(models.TextChoices):
    """How somebody spoke with the child or the family."""

    HOME = "HOME", _("入户")
    PHONE = "PHONE", _("电话")
    VIDEO = "VIDEO", _("视频")
    MEETING = "MEETING", _("约谈")
    OTHER = "OTHER", _("其他")


class VisitResult(models.TextChoices):
    PROMISED = "PROMISED", _("同意返校")
    HESITATES = "HESITATES", _("仍在犹豫")
    REFUSED = "REFUSED", _("不同意返校")
    NOT_MET = "NOT_MET", _("没有见到")
    RETURNED = "RETURNED", _("已经返校")


class StepKind(models.TextChoices):
    """The four steps, in their order. No document of the region prescribes them: one may be skipped."""

    TEACHING = "TEACHING", _("宣传教育")
    ORDER = "ORDER", _("责令改正")
    PENALTY = "PENALTY", _("行政处罚")
    COURT = "COURT", _("提起诉讼或申请强制执行")


class NoticeKind(models.TextChoices):
    """Documents that are served; what each is called on paper stands in its template."""

    ENROL = "ENROL", _("入学通知书")
    PLEDGE = "PLEDGE", _("保学责任书")
    RETURN = "RETURN", _("复学通知书")
    RETURN_BY = "RETURN_BY", _("限期返校通知书")
    CORRECT_BY = "CORRECT_BY", _("责令限期改正通知书")
    PENALTY_INFORM = "PENALTY_INFORM", _("行政处罚事先告知书")
    PENALTY = "PENALTY", _("行政处罚决定书")
    CLAIM = "CLAIM", _("民事起诉状")
    ENFORCE = "ENFORCE", _("强制执行申请书")
    RECEIPT = "RECEIPT", _("送达回证")
    OTHER = "OTHER", _("其他文书")


class ServedBy(models.TextChoices):
    DIRECT = "DIRECT", _("直接送达")
    LEFT = "LEFT", _("留置送达")
    POST = "POST", _("邮寄送达")
    PUBLIC = "PUBLIC", _("公告送达")


class PlacementKind(models.TextChoices):
    SAME_CLASS = "SAME_CLASS", _("随班（原班）复学")
    JOINED_CLASS = "JOINED_CLASS", _("插班")
    OWN_CLASS = "OWN_CLASS", _("单独编班")
    VOCATIONAL = "VOCATIONAL", _("普职融合")
    SPECIAL_SCHOOL = "SPECIAL_SCHOOL", _("特教学校")
    INCLUSIVE = "INCLUSIVE", _("随班就读")
    HOME = "HOME", _("送教上门")
    DELAY = "DELAY", _("经批准延缓入学")
    SUSPENSION = "SUSPENSION", _("经批准休学")


# What each kind must prove: a school with the child in a class, a plan with lessons, an approval.
AT_SCHOOL = (
    PlacementKind.SAME_CLASS,
    PlacementKind.JOINED_CLASS,
    PlacementKind.OWN_CLASS,
    PlacementKind.VOCATIONAL,
    PlacementKind.SPECIAL_SCHOOL,
    PlacementKind.INCLUSIVE,
)
APPROVED = (PlacementKind.DELAY, PlacementKind.SUSPENSION)


class WatchAnswer(models.TextChoices):
    PRESENT = "PRESENT", _("在校")
    ON_LEAVE = "ON_LEAVE", _("请假，将返校")
    LEFT = "LEFT", _("已不在校")
