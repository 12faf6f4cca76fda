"""What the log calls the deeds of this app."""

from django.utils.translation import gettext_lazy as _

from common.audit import label_fields, label_verbs

label_verbs(
    {
        "common.signed_in": _("登录"),
        "common.signed_out": _("退出"),
        "common.sign_in_failed": _("登录没成"),
        "common.account_locked": _("连续错 5 次，锁定"),
        "common.idle_sign_out": _("久未操作，自动退出"),
        "common.access_refused": _("打开不归自己的页面"),
        "common.account_created": _("建账号"),
        "common.account_changed": _("改姓名或电话"),
        "common.account_activated": _("启用账号"),
        "common.account_deactivated": _("停用账号"),
        "common.account_unlocked": _("解除锁定"),
        "common.password_changed": _("改自己的密码"),
        "common.password_reset": _("重置密码"),
        "common.option_changed": _("改设置"),
        "common.list_exported": _("导出列表"),
        "common.file_stored": _("上传文件"),
        "common.file_fetched": _("下载文件"),
        "common.file_refused": _("没收下文件"),
        "common.file_removed": _("移除文件"),
        "common.file_restored": _("恢复文件"),
        "common.display_made": _("开通大屏"),
        "common.display_ended": _("收回大屏"),
        "common.display_opened": _("大屏接入"),
        "common.display_refused": _("大屏码不对"),
        "common.job_cancelled": _("取消后台任务"),
        "common.job_retried": _("重办后台任务"),
    }
)
label_fields(
    {
        "fields": _("改了哪几项"),
        "name": _("姓名"),
        "phone": _("电话"),
        "active": _("启用"),
        "locked": _("已锁定"),
        "value": _("值"),
        "reason": _("原因"),
        "page": _("页面"),
        "method": _("方式"),
        "list": _("列表"),
        "rows": _("行数"),
        "format": _("格式"),
        "filters": _("筛选"),
        "file": _("文件"),
        "purpose": _("用途"),
        "size": _("大小"),
    }
)
