"""Lists of the registry that may be too long for one request."""

from django.utils.translation import gettext_lazy as _

from common.exports import exportable
from registry.students_tables import roll
from registry.units_tables import directory

exportable(
    "registry.units",
    title=_("单位名录"),
    permission="registry.view_unit",
    build=lambda user, query: directory(user, query)[1],
)
exportable(
    "registry.students",
    title=_("学生"),
    permission="registry.view_student",
    build=lambda user, query: roll(user, query)[1],
)
