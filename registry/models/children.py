"""Children: who they are, by which numbers they are known, where they go to school.

A child has no school of its own: enrolments do. Numbers, phones and addresses are encrypted;
beside each stands its blind index, for exact match and for comparing without decrypting.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock
from common.crypto import EncryptedField
from registry.models.places import Dated, ScopedQuerySet, Unit, in_force, units_seen_by


class Sex(models.TextChoices):
    """GB/T 2261.1."""

    MALE = "1", _("男")
    FEMALE = "2", _("女")


class IdKind(models.TextChoices):
    """Kinds of identity papers, as the national school-roll form codes them, and the roll number."""

    RESIDENT = "1", _("居民身份证")
    HONGKONG = "6", _("香港特区护照或身份证明")
    MACAO = "7", _("澳门特区护照或身份证明")
    TAIWAN = "8", _("台湾居民来往大陆通行证")
    ABROAD = "9", _("境外永久居住证")
    PASSPORT = "A", _("护照")
    OTHER = "Z", _("其他")
    ROLL = "ROLL", _("学籍号")


class Relation(models.TextChoices):
    """A guardian's relation to the child."""

    FATHER = "FATHER", _("父亲")
    MOTHER = "MOTHER", _("母亲")
    GRANDPARENT = "GRANDPARENT", _("祖父母或外祖父母")
    SIBLING = "SIBLING", _("兄姐")
    RELATIVE = "RELATIVE", _("其他亲属")
    OTHER = "OTHER", _("其他监护人")


class Ethnicity(models.TextChoices):
    """GB/T 3304, two digits."""

    HAN = "01", _("汉族")
    MONGOL = "02", _("蒙古族")
    HUI = "03", _("回族")
    ZANG = "04", _("藏族")
    UYGUR = "05", _("维吾尔族")
    MIAO = "06", _("苗族")
    YI = "07", _("彝族")
    ZHUANG = "08", _("壮族")
    BOUYEI = "09", _("布依族")
    CHOSON = "10", _("朝鲜族")
    MAN = "11", _("满族")
    DONG = "12", _("侗族")
    YAO = "13", _("瑶族")
    BAI = "14", _("白族")
    TUJIA = "15", _("土家族")
    HANI = "16", _("哈尼族")
    KAZAK = "17", _("哈萨克族")
    DAI = "18", _("傣族")
    LI = "19", _("黎族")
    LISU = "20", _("傈僳族")
    VA = "21", _("佤族")
    SHE = "22", _("畲族")
    GAOSHAN = "23", _("高山族")
    LAHU = "24", _("拉祜族")
    SUI = "25", _("水族")
    DONGXIANG = "26", _("东乡族")
    NAXI = "27", _("纳西族")
    JINGPO = "28", _("景颇族")
    KIRGIZ = "29", _("柯尔克孜族")
    TU = "30", _("土族")
    DAUR = "31", _("达斡尔族")
    MULAO = "32", _("仫佬族")
    QIANG = "33", _("羌族")
    BLANG = "34", _("布朗族")
    SALAR = "35", _("撒拉族")
    MAONAN = "36", _("毛南族")
    GELAO = "37", _("仡佬族")
    XIBE = "38", _("锡伯族")
    ACHANG = "39", _("阿昌族")
    PUMI = "40", _("普米族")
    TAJIK = "41", _("塔吉克族")
    NU = "42", _("怒族")
    UZBEK = "43", _("乌孜别克族")
    RUSS = "44", _("俄罗斯族")
    EWENKI = "45", _("鄂温克族")
    DEANG = "46", _("德昂族")
    BONAN = "47", _("保安族")
    YUGUR = "48", _("裕固族")
    GIN = "49", _("京族")
    TATAR = "50", _("塔塔尔族")
    DERUNG = "51", _("独龙族")
    OROQEN = "52", _("鄂伦春族")
    HEZHEN = "53", _("赫哲族")
    MONBA = "54", _("门巴族")
    LHOBA = "55", _("珞巴族")
    JINO = "56", _("基诺族")
    OTHER = "97", _("其他")
    FOREIGN = "98", _("外国血统")


class Grade(models.TextChoices):
    """Years of schooling: kindergarten 0x, primary 1x, junior 2x, senior 3x, vocational 4x."""

    K1 = "01", _("小班")
    K2 = "02", _("中班")
    K3 = "03", _("大班")
    K4 = "04", _("学前班")
    P1 = "11", _("一年级")
    P2 = "12", _("二年级")
    P3 = "13", _("三年级")
    P4 = "14", _("四年级")
    P5 = "15", _("五年级")
    P6 = "16", _("六年级")
    J1 = "21", _("七年级")
    J2 = "22", _("八年级")
    J3 = "23", _("九年级")
    J4 = "24", _("初四")
    S1 = "31", _("高一")
    S2 = "32", _("高二")
    S3 = "33", _("高三")
    V1 = "41", _("中职一年级")
    V2 = "42", _("中职二年级")
    V3 = "43", _("中职三年级")


class Sourced(models.Model):
    """The sheet that last wrote a row: from any row, one click to the cell it came from.

    Numbers and no foreign key: uploads stand above the registry.
    """

    source_upload = models.BigIntegerField(_("导入批次"), null=True, editable=False)
    source_sheet = models.PositiveSmallIntegerField(_("工作表"), null=True, editable=False)
    source_row = models.PositiveIntegerField(_("行"), null=True, editable=False)

    class Meta:
        abstract = True


class StudentQuerySet(ScopedQuerySet):
    def visible_to(self, user, permission: str):
        """Children read through an open enrolment's school or the unit where they live.

        Deeds belong to one unit: that of the enrolment that counts, the residence where none is open.
        """
        today = clock.today()
        seen = units_seen_by(user, permission, on=today)
        open_here = Enrolment.objects.open(today).filter(student=OuterRef("pk"), school__in=seen)
        return self.filter(Exists(open_here) | Q(residence__in=seen), merged_into=None)

    def living(self):
        """Not merged into another record of the same child."""
        return self.filter(merged_into=None)

    def known_by(self, index, *kinds):
        """The child to whom a number belongs now, by its blind index."""
        found = Identifier.objects.current().filter(student=OuterRef("pk"), value_index=index)
        return self.filter(Exists(found.filter(kind__in=kinds) if kinds else found))


class Student(Sourced):
    """A child. `version` grows with every write to the child or its parts, and is never set back."""

    name = models.CharField(_("姓名"), max_length=60)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, blank=True)
    ethnicity = models.CharField(_("民族"), max_length=2, choices=Ethnicity.choices, blank=True)
    born_on = models.DateField(_("出生日期"), null=True, blank=True)
    residence = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="residents",
        verbose_name=_("居住地"),
    )
    registered_address = EncryptedField(
        _("户籍所在地"), purpose="student.registered_address", blank=True
    )
    registered_address_index = models.UUIDField(null=True, editable=False)
    home_address = EncryptedField(_("现住址"), purpose="student.home_address", blank=True)
    home_address_index = models.UUIDField(null=True, editable=False)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("并入")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StudentQuerySet.as_manager()

    class Meta:
        verbose_name = _("学生")
        verbose_name_plural = _("学生")
        indexes = [models.Index(fields=["name", "born_on"], name="student_name")]

    def __str__(self):
        return f"{_('学生')} {self.pk}"  # never a name: titles and logs use this

    def get_absolute_url(self):
        return reverse("registry:student-detail", args=[self.pk])


class IdentifierQuerySet(models.QuerySet):
    def current(self):
        return self.filter(valid_to=None)


class Identifier(Dated, Sourced):
    """A number by which a child is known, from a day to a day; a corrected one stays, ended."""

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="identifiers", verbose_name=_("学生")
    )
    kind = models.CharField(_("证件类型"), max_length=4, choices=IdKind.choices)
    value = EncryptedField(_("号码"), purpose="identifier.value")
    value_index = models.UUIDField(editable=False)

    objects = IdentifierQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("证件")
        verbose_name_plural = _("证件")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["value_index", "kind"],
                condition=Q(valid_to=None),
                name="identifier_current_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"


class Guardian(Sourced):
    """Somebody who answers for a child; the first one stands in the sheets."""

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="guardians", verbose_name=_("学生")
    )
    position = models.PositiveSmallIntegerField(_("第几监护人"), default=1)
    name = models.CharField(_("监护人"), max_length=60, blank=True)
    relation = models.CharField(
        _("与学生关系"), max_length=12, choices=Relation.choices, blank=True
    )
    phone = EncryptedField(_("监护人电话"), purpose="guardian.phone", blank=True)
    phone_index = models.UUIDField(null=True, editable=False)
    id_number = EncryptedField(_("监护人身份证号"), purpose="guardian.id_number", blank=True)
    id_number_index = models.UUIDField(null=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("监护人")
        verbose_name_plural = _("监护人")
        constraints = [
            models.UniqueConstraint(fields=["student", "position"], name="guardian_position_once")
        ]

    def __str__(self):
        return f"{_('监护人')} {self.pk}"


class EnrolmentQuerySet(ScopedQuerySet):
    unit_lookup = "school"

    def open(self, on: date):
        """Enrolments in force on a day, and those that begin later and have no end."""
        return self.filter(in_force(on) | Q(valid_to=None))

    def in_force(self, on: date):
        return self.filter(in_force(on))


class Enrolment(Dated, Sourced):
    """A child goes to a school, in a grade and class, from a day to a day."""

    class End(models.TextChoices):
        MOVED_UP = "MOVED_UP", _("升级")
        GRADUATED = "GRADUATED", _("毕业")
        TRANSFERRED = "TRANSFERRED", _("转出")
        LEFT = "LEFT", _("离校")
        MERGED = "MERGED", _("学校撤并")
        NOT_LISTED = "NOT_LISTED", _("名册中已无此人")

    student = models.ForeignKey(
        Student, models.PROTECT, related_name="enrolments", verbose_name=_("学生")
    )
    school = models.ForeignKey(
        Unit, models.PROTECT, related_name="enrolments", verbose_name=_("学校")
    )
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices)
    class_name = models.CharField(_("班级"), max_length=30, blank=True)
    boards = models.BooleanField(_("是否寄宿"), null=True, blank=True)
    entered_on = models.DateField(_("入学年月"), null=True, blank=True)
    end_reason = models.CharField(_("离开原因"), max_length=12, choices=End.choices, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = False
        verbose_name = _("就读")
        verbose_name_plural = _("就读")
        constraints = [
            *Dated.Meta.constraints,
            # Two banners may each hold a child until a person decides; one school never twice.
            models.UniqueConstraint(
                fields=["student", "school"], condition=Q(valid_to=None), name="enrolled_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None, end_reason="")
                | Q(valid_to__isnull=False) & ~Q(end_reason=""),
                name="enrolment_ended_means_why",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "grade", "class_name"], name="enrolment_roll"),
        ]

    def __str__(self):
        return f"{_('就读')} {self.pk}"


class TransferQuerySet(models.QuerySet):
    def open(self):
        return self.filter(decided_at=None)


class Transfer(Sourced):
    """A sheet names a child whom another unit holds: proposed to that unit, done when it accepts."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="transfers")
    from_school = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True)
    to_school = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    grade = models.CharField(_("年级"), max_length=2, choices=Grade.choices)
    class_name = models.CharField(_("班级"), max_length=30, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    accepted = models.BooleanField(_("同意"), null=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("转学申请")
        verbose_name_plural = _("转学申请")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "to_school"],
                condition=Q(decided_at=None),
                name="transfer_proposed_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, accepted=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, accepted__isnull=False),
                name="transfer_decided_means_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(from_school=None) | ~Q(from_school=F("to_school")),
                name="transfer_leads_elsewhere",
            ),
        ]

    def __str__(self):
        return f"{_('转学申请')} {self.pk}"
