"""Lists of dropout control that may be too long for one request."""

from django.utils.translation import gettext_lazy as _

from common.exports import exportable
from dropout.cases_tables import worklist
from dropout.comparisons_tables import found_in_runs
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
