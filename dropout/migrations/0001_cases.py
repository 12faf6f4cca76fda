import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.crypto

# A mapping of the "two lines, seven heads" found elsewhere; the region's own wording was not found.
ROLES = (
    ("旗长（区长）", "GOVERNMENT", 10),  # data
    ("苏木镇长（街道办主任）", "GOVERNMENT", 20),  # data
    ("嘎查达（村委会、居委会主任）", "GOVERNMENT", 30),  # data
    ("教体局局长", "EDUCATION", 10),  # data
    ("校长", "EDUCATION", 20),  # data
    ("班主任", "EDUCATION", 30),  # data
    ("监护人", "FAMILY", 10),  # data
)


def name_roles(apps, schema_editor):
    role = apps.get_model("dropout", "ResponsibleRole")
    role.objects.bulk_create(role(name=name, line=line, sort_no=no) for name, line, no in ROLES)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registry", "0004_findings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ResponsibleRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="名称")),
                (
                    "line",
                    models.CharField(
                        choices=[("GOVERNMENT", "政府"), ("EDUCATION", "教育"), ("FAMILY", "家庭")],
                        max_length=10,
                        verbose_name="哪条线",
                    ),
                ),
                ("sort_no", models.PositiveSmallIntegerField(default=500, verbose_name="排序号")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "责任人职务",
                "verbose_name_plural": "责任人职务",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="立案时间")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="dropout.case",
                        verbose_name="并入",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.unit",
                        verbose_name="学校",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dropout_cases",
                        to="registry.student",
                        verbose_name="学生",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.unit",
                        verbose_name="苏木镇",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dropout_cases",
                        to="registry.unit",
                        verbose_name="负责单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "控辍保学个案",
                "verbose_name_plural": "控辍保学个案",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("merged_into", None)),
                        fields=("student",),
                        name="dropout_one_case_a_child",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseTransfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="移交原因")),
                ("offered_at", models.DateTimeField(verbose_name="提出时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="决定时间"),
                ),
                ("accepted", models.BooleanField(blank=True, null=True, verbose_name="接收")),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="答复")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="dropout.case",
                        verbose_name="个案",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="决定人",
                    ),
                ),
                (
                    "from_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.unit",
                        verbose_name="移出单位",
                    ),
                ),
                (
                    "offered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.unit",
                        verbose_name="接收单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "个案移交",
                "verbose_name_plural": "个案移交",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None), ("withdrawn_at", None)),
                        fields=("case",),
                        name="dropout_case_offered_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_unit", models.F("to_unit")), _negated=True),
                        name="dropout_transfer_leads_elsewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted", None), ("decided_at", None), ("decided_by", None)
                            ),
                            models.Q(
                                ("accepted__isnull", False),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("withdrawn_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_transfer_decided_means_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Episode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(default=1, verbose_name="第几次")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("COMPARISON", "数据比对"),
                            ("ATTENDANCE", "学校在校情况月报"),
                            ("LEDGER", "台账"),
                            ("DOOR_TO_DOOR", "入户摸排"),
                            ("WRITTEN_REPORT", "学校书面报告"),
                            ("TOLD", "群众反映"),
                            ("LEFT_AGAIN", "安置后又离校"),
                            ("OTHER", "其他"),
                        ],
                        max_length=16,
                        verbose_name="线索来源",
                    ),
                ),
                ("found_on", models.DateField(verbose_name="发现日期")),
                (
                    "absent_since",
                    models.DateField(blank=True, null=True, verbose_name="未到校起始日期"),
                ),
                (
                    "verifying_on",
                    models.DateField(blank=True, null=True, verbose_name="开始核实日期"),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[("NEVER_ENROLLED", "失学"), ("DROPPED_OUT", "辍学")],
                        max_length=16,
                        verbose_name="类型",
                    ),
                ),
                ("confirmed_on", models.DateField(blank=True, null=True, verbose_name="确认日期")),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="辍学时间")),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("POVERTY", "因贫"),
                            ("LEARNING", "学习困难或厌学"),
                            ("WORK", "外出打工"),
                            ("MARRIAGE", "早婚早育"),
                            ("DISTANCE", "上学远上学难"),
                            ("FAMILY", "家庭变故、监护缺失"),
                            ("MIGRATION", "随父母流动失联"),
                            ("RELIGION", "信教"),
                            ("HEALTH", "身体原因不具备学习能力"),
                            ("OTHER", "其他"),
                            ("GUARDED", "另行记载"),
                        ],
                        max_length=12,
                        verbose_name="原因",
                    ),
                ),
                (
                    "guarded_cause",
                    common.crypto.EncryptedField(
                        blank=True,
                        null=True,
                        purpose="dropout.cause",
                        verbose_name="原因（另行记载）",
                    ),
                ),
                (
                    "cause_detail",
                    common.crypto.EncryptedField(
                        blank=True, purpose="dropout.cause", verbose_name="原因说明"
                    ),
                ),
                ("planned_on", models.DateField(blank=True, null=True, verbose_name="下次安排")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="了结日期")),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RULED_OUT", "排除"),
                            ("CLOSED", "销号"),
                            ("LEFT_AGAIN", "再次辍学"),
                        ],
                        max_length=12,
                        verbose_name="怎样了结",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("SUSPECTED", "疑似"),
                            ("VERIFYING", "核实中"),
                            ("RULED_OUT", "已排除"),
                            ("CONFIRMED", "已确认"),
                            ("PERSUADING", "劝返中"),
                            ("PLACED", "已安置"),
                            ("WATCHED", "巩固观察"),
                            ("CLOSED", "已销号"),
                            ("LEFT_AGAIN", "再次辍学"),
                        ],
                        default="SUSPECTED",
                        editable=False,
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("state_since", models.DateField(editable=False, verbose_name="状态始于")),
                ("next_on", models.DateField(editable=False, null=True, verbose_name="下次日期")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="episodes",
                        to="dropout.case",
                        verbose_name="个案",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.finding",
                        verbose_name="线索",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "relapse_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="dropout.episode",
                        verbose_name="接哪一次（反弹）",
                    ),
                ),
            ],
            options={
                "verbose_name": "失学期",
                "verbose_name_plural": "失学期",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("case",),
                        name="dropout_one_open_episode",
                    ),
                    models.UniqueConstraint(
                        fields=("case", "number"), name="dropout_episode_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", ""), ("ended_on", None)),
                            models.Q(
                                ("ended_on__isnull", False), models.Q(("end", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="dropout_ended_means_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cause", ""), ("confirmed_on", None), ("kind", "")),
                            models.Q(
                                ("confirmed_on__isnull", False),
                                models.Q(("kind", ""), _negated=True),
                                models.Q(("cause", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_confirmed_means_what_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None),
                            ("ended_on__gte", models.F("found_on")),
                            _connector="OR",
                        ),
                        name="dropout_ends_after_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verifying_on", None),
                            ("verifying_on__gte", models.F("found_on")),
                            _connector="OR",
                        ),
                        name="dropout_verified_after_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_on", None),
                            ("confirmed_on__gte", models.F("found_on")),
                            _connector="OR",
                        ),
                        name="dropout_confirmed_after_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("absent_since", None),
                            ("absent_since__lte", models.F("found_on")),
                            _connector="OR",
                        ),
                        name="dropout_absent_before_found",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_on", None),
                            models.Q(
                                ("confirmed_on__isnull", False),
                                ("left_on__lte", models.F("confirmed_on")),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_left_before_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["HEALTH", "RELIGION"]), _negated=True),
                        name="dropout_sensitive_cause_is_guarded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cause", "GUARDED"), ("guarded_cause__isnull", False)),
                            models.Q(
                                models.Q(("cause", "GUARDED"), _negated=True),
                                ("guarded_cause__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_guarded_means_a_cause_beside",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__in", ["", "RULED_OUT"]),
                            ("confirmed_on__isnull", False),
                            _connector="OR",
                        ),
                        name="dropout_end_fits_what_was_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_on", None),
                                models.Q(
                                    ("state__in", ("RULED_OUT", "CLOSED", "LEFT_AGAIN")),
                                    _negated=True,
                                ),
                            ),
                            models.Q(("ended_on__isnull", False), ("state", models.F("end"))),
                            _connector="OR",
                        ),
                        name="dropout_state_says_the_end",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["state", "next_on"], name="dropout_episode_due"),
                    models.Index(fields=["found_on"], name="dropout_episode_found"),
                    models.Index(fields=["confirmed_on"], name="dropout_episode_confirmed"),
                    models.Index(fields=["officer", "ended_on"], name="dropout_episode_officer"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "proof",
                    common.crypto.EncryptedField(purpose="dropout.proof", verbose_name="销号依据"),
                ),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="决定时间"),
                ),
                ("accepted", models.BooleanField(blank=True, null=True, verbose_name="同意销号")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="意见")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="决定人",
                    ),
                ),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closings",
                        to="dropout.episode",
                        verbose_name="失学期",
                    ),
                ),
            ],
            options={
                "verbose_name": "销号",
                "verbose_name_plural": "销号",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None), ("withdrawn_at", None)),
                        fields=("episode",),
                        name="dropout_closing_asked_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted", True)),
                        fields=("episode",),
                        name="dropout_closed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="dropout_closing_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted", None), ("decided_at", None), ("decided_by", None)
                            ),
                            models.Q(
                                ("accepted__isnull", False),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("withdrawn_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_closing_decided_means_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ENROL", "入学通知书"),
                            ("PLEDGE", "保学责任书"),
                            ("RETURN", "复学通知书"),
                            ("RETURN_BY", "限期返校通知书"),
                            ("CORRECT_BY", "责令限期改正通知书"),
                            ("PENALTY_INFORM", "行政处罚事先告知书"),
                            ("PENALTY", "行政处罚决定书"),
                            ("CLAIM", "民事起诉状"),
                            ("ENFORCE", "强制执行申请书"),
                            ("RECEIPT", "送达回证"),
                            ("OTHER", "其他文书"),
                        ],
                        max_length=16,
                        verbose_name="文书种类",
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="模板名称")),
                (
                    "legal_basis",
                    models.CharField(blank=True, max_length=300, verbose_name="法律依据"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                ("changed_at", models.DateTimeField(blank=True, null=True, verbose_name="改于")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁改的",
                    ),
                ),
            ],
            options={
                "verbose_name": "文书模板",
                "verbose_name_plural": "文书模板",
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤回原因"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SAME_CLASS", "随班（原班）复学"),
                            ("JOINED_CLASS", "插班"),
                            ("OWN_CLASS", "单独编班"),
                            ("VOCATIONAL", "普职融合"),
                            ("SPECIAL_SCHOOL", "特教学校"),
                            ("INCLUSIVE", "随班就读"),
                            ("HOME", "送教上门"),
                            ("DELAY", "经批准延缓入学"),
                            ("SUSPENSION", "经批准休学"),
                        ],
                        max_length=16,
                        verbose_name="安置方式",
                    ),
                ),
                ("began_on", models.DateField(verbose_name="安置日期")),
                (
                    "ended_on",
                    models.DateField(blank=True, null=True, verbose_name="改变安置的日期"),
                ),
                (
                    "grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "小班"),
                            ("02", "中班"),
                            ("03", "大班"),
                            ("04", "学前班"),
                            ("11", "一年级"),
                            ("12", "二年级"),
                            ("13", "三年级"),
                            ("14", "四年级"),
                            ("15", "五年级"),
                            ("16", "六年级"),
                            ("21", "七年级"),
                            ("22", "八年级"),
                            ("23", "九年级"),
                            ("24", "初四"),
                            ("31", "高一"),
                            ("32", "高二"),
                            ("33", "高三"),
                            ("41", "中职一年级"),
                            ("42", "中职二年级"),
                            ("43", "中职三年级"),
                        ],
                        max_length=2,
                        verbose_name="年级",
                    ),
                ),
                ("class_name", models.CharField(blank=True, max_length=30, verbose_name="班级")),
                (
                    "attended_on",
                    models.DateField(blank=True, null=True, verbose_name="核实在校日期"),
                ),
                (
                    "attended_note",
                    models.CharField(blank=True, max_length=200, verbose_name="核实情况"),
                ),
                ("authority", models.CharField(blank=True, max_length=80, verbose_name="批准机关")),
                (
                    "document_number",
                    models.CharField(blank=True, max_length=60, verbose_name="批准文号"),
                ),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="批准期满日")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="dropout.episode",
                        verbose_name="失学期",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.unit",
                        verbose_name="就读学校",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁撤回的",
                    ),
                ),
            ],
            options={
                "verbose_name": "安置",
                "verbose_name_plural": "安置",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_placement_withdrawn_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None), ("withdrawn_at", None)),
                        fields=("episode",),
                        name="dropout_one_placement_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "kind__in",
                                    (
                                        "SAME_CLASS",
                                        "JOINED_CLASS",
                                        "OWN_CLASS",
                                        "VOCATIONAL",
                                        "SPECIAL_SCHOOL",
                                        "INCLUSIVE",
                                    ),
                                ),
                                _negated=True,
                            ),
                            models.Q(
                                ("school__isnull", False),
                                models.Q(("grade", ""), _negated=True),
                                models.Q(("class_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_at_school_means_class",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ("DELAY", "SUSPENSION")), _negated=True),
                            models.Q(
                                ("ends_on__gt", models.F("began_on")),
                                models.Q(("authority", ""), _negated=True),
                                models.Q(("document_number", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_approved_means_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            ("kind__in", ("DELAY", "SUSPENSION")),
                            _connector="OR",
                        ),
                        name="dropout_only_approvals_run_out",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("attended_on", None),
                            models.Q(
                                ("attended_on__gte", models.F("began_on")),
                                (
                                    "kind__in",
                                    (
                                        "SAME_CLASS",
                                        "JOINED_CLASS",
                                        "OWN_CLASS",
                                        "VOCATIONAL",
                                        "SPECIAL_SCHOOL",
                                        "INCLUSIVE",
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_attended_after_begun",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on", None),
                            ("ended_on__gte", models.F("began_on")),
                            _connector="OR",
                        ),
                        name="dropout_placement_from_before_to",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HomePlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至")),
                ("lessons_a_month", models.PositiveSmallIntegerField(verbose_name="每月次数")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="每次分钟")),
                ("content", models.CharField(blank=True, max_length=300, verbose_name="内容安排")),
                (
                    "assessed_on",
                    models.DateField(blank=True, null=True, verbose_name="专家委员会评估日期"),
                ),
                (
                    "disability",
                    common.crypto.EncryptedField(
                        blank=True, purpose="dropout.health", verbose_name="残疾类别和等级"
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="dropout.placement",
                        verbose_name="安置",
                    ),
                ),
            ],
            options={
                "verbose_name": "送教计划",
                "verbose_name_plural": "送教计划",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="dropout_homeplan_from_before_to",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lessons_a_month__gte", 1), ("minutes__gte", 1)),
                        name="dropout_home_plan_plans_something",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("placement",),
                        name="dropout_one_plan_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HomeLesson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source_upload",
                    models.BigIntegerField(editable=False, null=True, verbose_name="导入批次"),
                ),
                (
                    "source_sheet",
                    models.PositiveSmallIntegerField(
                        editable=False, null=True, verbose_name="工作表"
                    ),
                ),
                (
                    "source_row",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="行"),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤回原因"),
                ),
                ("on", models.DateField(verbose_name="送教日期")),
                ("teacher", models.CharField(max_length=60, verbose_name="教师")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="分钟")),
                ("content", models.CharField(blank=True, max_length=300, verbose_name="内容")),
                (
                    "guardian_signed",
                    models.BooleanField(blank=True, null=True, verbose_name="监护人签字"),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="备注")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁撤回的",
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lessons",
                        to="dropout.placement",
                        verbose_name="安置",
                    ),
                ),
            ],
            options={
                "verbose_name": "送教记录",
                "verbose_name_plural": "送教记录",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_homelesson_withdrawn_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1)), name="dropout_home_lesson_lasts"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("placement", "on", "teacher"),
                        name="dropout_home_lesson_once",
                    ),
                ],
                "indexes": [models.Index(fields=["on"], name="dropout_home_lesson_on")],
            },
        ),
        migrations.CreateModel(
            name="Responsible",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                (
                    "phone",
                    common.crypto.EncryptedField(
                        blank=True, purpose="dropout.responsible_phone", verbose_name="电话"
                    ),
                ),
                ("named_at", models.DateTimeField(verbose_name="指定时间")),
                (
                    "replaced_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="换下时间"),
                ),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responsible",
                        to="dropout.episode",
                        verbose_name="失学期",
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁指定的",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dropout.responsiblerole",
                        verbose_name="职务",
                    ),
                ),
            ],
            options={
                "verbose_name": "责任人",
                "verbose_name_plural": "责任人",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("episode", "role"),
                        name="dropout_one_person_a_role",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RulingOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="排除日期")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("DIED", "死亡"),
                            ("FALSE_RECORD", "空挂户、双重户籍、号码或姓名有误、查无此人"),
                            ("ENROLLED", "已在校且有学籍"),
                            ("NO_ROLL_INSIDE", "区内就读，无学籍"),
                            ("NO_ROLL_OUTSIDE", "区外就读，无学籍"),
                            ("OVER_AGE", "已超龄离校"),
                            ("ABROAD", "出国在外"),
                            ("ILL", "因病因残（送教）"),
                            ("UNREACHABLE", "随父母外出，无法联系"),
                        ],
                        max_length=16,
                        verbose_name="排除原因",
                    ),
                ),
                (
                    "proof",
                    common.crypto.EncryptedField(purpose="dropout.proof", verbose_name="佐证"),
                ),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁排除的",
                    ),
                ),
                (
                    "episode",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ruling_out",
                        to="dropout.episode",
                        verbose_name="失学期",
                    ),
                ),
            ],
            options={
                "verbose_name": "排除",
                "verbose_name_plural": "排除",
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤回原因"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("TEACHING", "宣传教育"),
                            ("ORDER", "责令改正"),
                            ("PENALTY", "行政处罚"),
                            ("COURT", "提起诉讼或申请强制执行"),
                        ],
                        max_length=10,
                        verbose_name="步骤",
                    ),
                ),
                ("taken_on", models.DateField(blank=True, null=True, verbose_name="办理日期")),
                (
                    "skipped_because",
                    models.CharField(blank=True, max_length=200, verbose_name="跳过原因"),
                ),
                (
                    "legal_basis",
                    models.CharField(blank=True, max_length=300, verbose_name="法律依据"),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="dropout.episode",
                        verbose_name="失学期",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁撤回的",
                    ),
                ),
            ],
            options={
                "verbose_name": "劝返步骤",
                "verbose_name_plural": "劝返步骤",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_step_withdrawn_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("skipped_because", ""), ("taken_on__isnull", False)),
                            models.Q(
                                ("taken_on", None), models.Q(("skipped_because", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="dropout_step_taken_or_skipped_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("episode", "kind"),
                        name="dropout_step_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤回原因"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ENROL", "入学通知书"),
                            ("PLEDGE", "保学责任书"),
                            ("RETURN", "复学通知书"),
                            ("RETURN_BY", "限期返校通知书"),
                            ("CORRECT_BY", "责令限期改正通知书"),
                            ("PENALTY_INFORM", "行政处罚事先告知书"),
                            ("PENALTY", "行政处罚决定书"),
                            ("CLAIM", "民事起诉状"),
                            ("ENFORCE", "强制执行申请书"),
                            ("RECEIPT", "送达回证"),
                            ("OTHER", "其他文书"),
                        ],
                        max_length=16,
                        verbose_name="文书种类",
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="文号")),
                ("issued_on", models.DateField(verbose_name="发文日期")),
                ("issuer", models.CharField(max_length=80, verbose_name="发文机关")),
                ("addressee", models.CharField(max_length=60, verbose_name="送达对象")),
                ("deadline", models.DateField(blank=True, null=True, verbose_name="期限")),
                (
                    "legal_basis",
                    models.CharField(blank=True, max_length=300, verbose_name="法律依据"),
                ),
                ("served_on", models.DateField(blank=True, null=True, verbose_name="送达日期")),
                (
                    "served_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DIRECT", "直接送达"),
                            ("LEFT", "留置送达"),
                            ("POST", "邮寄送达"),
                            ("PUBLIC", "公告送达"),
                        ],
                        max_length=8,
                        verbose_name="送达方式",
                    ),
                ),
                ("witness", models.CharField(blank=True, max_length=60, verbose_name="见证人")),
                ("result", models.CharField(blank=True, max_length=300, verbose_name="送达结果")),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="dropout.episode",
                        verbose_name="失学期",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁撤回的",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dropout.noticetemplate",
                        verbose_name="模板",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="dropout.step",
                        verbose_name="步骤",
                    ),
                ),
            ],
            options={
                "verbose_name": "文书",
                "verbose_name_plural": "文书",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_notice_withdrawn_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deadline", None),
                            ("deadline__gte", models.F("issued_on")),
                            _connector="OR",
                        ),
                        name="dropout_notice_deadline_is_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("served_by", ""), ("served_on", None)),
                            models.Q(
                                ("served_on__gte", models.F("issued_on")),
                                models.Q(("served_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_notice_served_means_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("served_by", "LEFT"), _negated=True),
                            models.Q(("witness", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="dropout_notice_left_before_a_witness",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("issuer", "kind", "number"),
                        name="dropout_notice_number_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source_upload",
                    models.BigIntegerField(editable=False, null=True, verbose_name="导入批次"),
                ),
                (
                    "source_sheet",
                    models.PositiveSmallIntegerField(
                        editable=False, null=True, verbose_name="工作表"
                    ),
                ),
                (
                    "source_row",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="行"),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤回时间"),
                ),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤回原因"),
                ),
                ("on", models.DateField(verbose_name="劝返日期")),
                ("visitor", models.CharField(max_length=60, verbose_name="劝返人")),
                ("position", models.CharField(blank=True, max_length=40, verbose_name="职务")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("HOME", "入户"),
                            ("PHONE", "电话"),
                            ("VIDEO", "视频"),
                            ("MEETING", "约谈"),
                            ("OTHER", "其他"),
                        ],
                        max_length=8,
                        verbose_name="方式",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("PROMISED", "同意返校"),
                            ("HESITATES", "仍在犹豫"),
                            ("REFUSED", "不同意返校"),
                            ("NOT_MET", "没有见到"),
                            ("RETURNED", "已经返校"),
                        ],
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="经过")),
                (
                    "guardian_word",
                    models.CharField(blank=True, max_length=500, verbose_name="监护人意见"),
                ),
                ("next_on", models.DateField(blank=True, null=True, verbose_name="下次日期")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="dropout.episode",
                        verbose_name="失学期",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁撤回的",
                    ),
                ),
            ],
            options={
                "verbose_name": "劝返记录",
                "verbose_name_plural": "劝返记录",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_visit_withdrawn_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("next_on", None), ("next_on__gte", models.F("on")), _connector="OR"
                        ),
                        name="dropout_visit_next_is_later",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("episode", "on", "visitor", "way"),
                        name="dropout_visit_once",
                    ),
                ],
                "indexes": [models.Index(fields=["episode", "on"], name="dropout_visit_of")],
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(verbose_name="安置后第几天")),
                ("due_on", models.DateField(db_index=True, verbose_name="到期")),
                ("answered_on", models.DateField(blank=True, null=True, verbose_name="回答日期")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PRESENT", "在校"),
                            ("ON_LEAVE", "请假，将返校"),
                            ("LEFT", "已不在校"),
                        ],
                        max_length=10,
                        verbose_name="情况",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁回答的",
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watches",
                        to="dropout.placement",
                        verbose_name="安置",
                    ),
                ),
            ],
            options={
                "verbose_name": "巩固观察",
                "verbose_name_plural": "巩固观察",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("placement", "days"), name="dropout_watch_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_by", None), ("answered_on", None)),
                            models.Q(
                                ("answered_by__isnull", False),
                                ("answered_on__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_watch_answered_means_what",
                    ),
                ],
            },
        ),
        migrations.RunPython(name_roles, migrations.RunPython.noop),
    ]
