"""Lists of dropout control that may be too long for one request."""

from django.utils.translation import gettext_lazy as _

from common.exports import exportable
from dropout import attendance_tables, ledgers_tables
from dropout.cases_tables import worklist
from dropout.comparisons_tables import found_in_runs
from dropout.duties_tables import duties_owed
from dropout.moved_tables import rows_moved
from dropout.number_tables import rows_behind

exportable(
    "dropout.cases",
    title=_("控辍保学个案"),
    permission="dropout.view_case",
    build=lambda user, query: worklist(user, query)[1],
)
exportable(
    "dropout.compared",
    title=_("比对发现"),
    permission="dropout.run_comparison",
    build=lambda user, query: found_in_runs(user, query)[1],
)
exportable(
    "dropout.number",
    title=_("控辍保学数字的明细"),
    permission="dropout.view_case",
    build=lambda user, query: rows_behind(user, query)[0],
)
exportable(
    "dropout.duties",
    title=_("四个一"),
    permission="dropout.view_ledger",
    build=lambda user, query: duties_owed(user, query)[1],
)
for _code, _title, _build in (
    ("school-age", _("适龄儿童台账"), ledgers_tables.school_age),
    ("suspected", _("疑似辍学台账"), ledgers_tables.suspected),
    ("dropouts", _("辍学台账"), ledgers_tables.dropouts),
):
    exportable(
        f"dropout.ledger_{_code}",
        title=_title,
        permission="dropout.view_ledger",
        build=lambda user, query, build=_build: build(user, query)[1],
    )
exportable(
    "dropout.moved",
    title=_("控辍保学数字的明细"),
    permission="dropout.view_case",
    build=lambda user, query: rows_moved(user, query)[0],
)
exportable(
    "dropout.attendance",
    title=_("各校在校情况"),
    permission="dropout.view_ledger",
    build=lambda user, query: attendance_tables.schools_of_month(user, query)[1],
)
