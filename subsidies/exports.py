"""Lists of student aid that may be too long for one request."""

from django.utils.translation import gettext_lazy as _

from common.exports import exportable
from subsidies.programmes_tables import rates

exportable(
    "subsidies.standards",
    title=_("资助标准"),
    permission="subsidies.view_standard",
    build=lambda user, query: rates(user, query)[1],
)
