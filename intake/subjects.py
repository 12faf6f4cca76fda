from django.utils.translation import gettext_lazy as _

from common.subjects import subject
from intake.models import Upload
from intake.tables import kind_title

subject(
    Upload,
    label=_("导入批次"),
    visible_to=lambda user: Upload.objects.visible_to(user),
    title=lambda upload: f"{kind_title(upload)} {upload.pk}",  # a file's name may name a person
)
