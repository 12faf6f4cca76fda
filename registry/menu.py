from django.utils.translation import gettext_lazy as _

from common import clock
from common.menu import describe_user, entry
from registry.models import postings_of


@describe_user
def posting_line(user) -> str:
    """The unit a person works for, then the name."""
    posting = next(iter(postings_of(user, clock.today())), None)
    return f"{posting.unit.short} | {user.name}" if posting else user.name


entry(
    30, _("学生"), "registry:student-list", permission="registry.view_student", prefix="/students/"
)
entry(60, _("单位"), "registry:unit-list", permission="registry.view_unit", prefix="/units/")
entry(
    55, _("核对"), "registry:finding-list", permission="registry.view_finding", prefix="/findings/"
)
entry(80, _("账号"), "registry:account-list", permission="registry.view_account", prefix="/people/")
entry(
    82, _("任职"), "registry:posting-list", permission="registry.view_account", prefix="/postings/"
)
