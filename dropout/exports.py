"""Lists of dropout control that may be too long for one request."""

from django.utils.translation import gettext_lazy as _

from common.exports import exportable
from dropout.cases_tables import worklist

exportable(
    "dropout.cases",
    title=_("控辍保学个案"),
    permission="dropout.view_case",
    build=lambda user, query: worklist(user, query)[1],
)
