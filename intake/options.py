from django.utils.translation import gettext_lazy as _

from common.options import option

option(
    "intake.keep_originals",
    label=_("导入的原件保存"),
    help=_("加密保存；过期删除，已写入的数据和变更记录不受影响。"),
    default=1095,
    least=30,
    most=3650,
    unit=_("天"),
)
option(
    "intake.keep_previews",
    label=_("导入的预览保存"),
    help=_("加密保存；过期后再查一次就有。"),
    default=30,
    least=1,
    most=365,
    unit=_("天"),
)
