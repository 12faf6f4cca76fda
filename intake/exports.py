"""Lists of the intake that may be too long for one request."""

from django.utils.translation import gettext_lazy as _

from common.exports import exportable
from intake.tables import uploads_seen

exportable(
    "intake.uploads",
    title=_("导入记录"),
    permission="intake.view_upload",
    build=lambda user, query: uploads_seen(user, query)[1],
)
