from django.utils.translation import gettext_lazy as _

from common.subjects import subject
from intake.models import Upload

subject(
    Upload,
    label=_("导入批次"),
    visible_to=lambda user: Upload.objects.visible_to(user),
)
