"""Lists of student aid that may be too long for one request."""

from django.utils.translation import gettext_lazy as _

from common.exports import exportable
from subsidies.awards_tables import expected
from subsidies.payments_tables import ledger
from subsidies.programmes_tables import rates
from subsidies.recognitions_tables import recognised
from subsidies.reconciling_tables import children_of

exportable(
    "subsidies.standards",
    title=_("资助标准"),
    permission="subsidies.view_standard",
    build=lambda user, query: rates(user, query)[1],
)
exportable(
    "subsidies.recognitions",
    title=_("困难认定"),
    permission="subsidies.view_recognition",
    build=lambda user, query: recognised(user, query)[1],
)
exportable(
    "subsidies.awards",
    title=_("应发资助"),
    permission="subsidies.view_recognition",
    build=lambda user, query: expected(user, query)[1],
)
exportable(
    "subsidies.payments",
    title=_("资助发放"),
    permission="subsidies.view_payment",
    build=lambda user, query: ledger(user, query)[1],
)
exportable(
    "subsidies.reconciled",
    title=_("应发与已发"),
    permission="subsidies.view_payment",
    build=lambda user, query: children_of(user, query)[1],
)
