"""What can be wrong with a workbook as a whole, and the words for it."""

from django.utils.translation import gettext_lazy as _

from intake import faults

WRONG_FILE = _("看看是不是选错了文件。")
NOT_THE_SHEET = _("传做它用的那份 Excel 或 WPS 表格。")
ANOTHER_PROGRAM = _("用 Excel 或 WPS 打开，另存为 .xlsx，再传。")

faults.declare(
    {
        # Unusable -----------------------------------------------------------------------------
        "file_empty": (_("文件是空的"), _("重新导出，再传。")),
        "file_too_large": (
            _("文件超过 %(most)s MB"),
            _("删掉图片和不用的工作表，或拆成几份，再传。"),
        ),
        "not_a_workbook": (_("内容不是表格"), WRONG_FILE),
        "is_pdf": (_("这是 PDF，不是表格"), NOT_THE_SHEET),
        "is_picture": (_("这是图片，不是表格"), NOT_THE_SHEET),
        "is_document": (_("这是文字文档，不是表格"), _("把表格复制到 Excel 或 WPS 表格里，再传。")),
        "is_slides": (_("这是演示文稿，不是表格"), NOT_THE_SHEET),
        "is_web_page": (_("这是网页，不是表格"), ANOTHER_PROGRAM),
        "is_xml": (_("这是 XML，不是表格"), ANOTHER_PROGRAM),
        "is_archive": (_("这是压缩包，不是表格"), _("解开以后，把里面的表格一份一份传。")),
        "is_program": (_("这是程序，不是表格"), WRONG_FILE),
        "has_password": (_("文件设了打开密码"), _("取消密码后再传。")),
        "damaged": (
            _("文件不完整或已损坏，打不开"),
            _("在自己电脑上打开看看；能打开就另存为 .xlsx，再传。"),
        ),
        "unpacks_too_large": (
            _("文件解开后太大，没有打开"),
            _("删掉末尾的空白行列、图片和不用的工作表，再传。"),
        ),
        "leads_out": (_("文件里有指向别处的路径，没有打开"), ANOTHER_PROGRAM),
        "nothing_filled": (_("没有一张工作表填了内容"), _("填好再传。")),
        "too_many_sheets": (
            _("工作表超过 %(most)s 张"),
            _("只留要报的几张，再传。"),
        ),
        "too_many_rows": (
            _("工作表“%(sheet)s”超过 %(most)s 行"),
            _("拆成几份，再传。"),
        ),
        "too_many_columns": (
            _("工作表“%(sheet)s”超过 %(most)s 列"),
            _("删掉右边不用的列，再传。"),
        ),
        "cells_not_read": (
            _("工作表“%(sheet)s”里有的格子这种写法读不出来"),
            ANOTHER_PROGRAM,
        ),
        "cell_too_long": (
            _("工作表“%(sheet)s”里有一格超过 %(most)s 个字"),
            _("把这一格改短，再传。"),
        ),
        "encoding_unknown": (
            _("认不出文字的编码"),
            _("另存为 .xlsx 或 UTF-8 的 CSV，再传。"),
        ),
        "text_no_table": (
            _("文本里的引号不成对，分不出格子"),
            ANOTHER_PROGRAM,
        ),
        "reader_out_of_memory": (
            _("读这份文件要用的内存太多，没有读完"),
            _("删掉离表格很远的内容和不用的工作表，或拆成几份，再传。"),
        ),
        "reader_too_slow": (
            _("读这份文件用的时间太长，没有读完"),
            _("删掉不用的工作表，或拆成几份，再传。"),
        ),
        "reader_died": (_("读这份文件时出了意外，没有读完"), ANOTHER_PROGRAM),
        # Warnings -----------------------------------------------------------------------------
        "named_otherwise": (
            _("名字是 %(named)s，内容是 %(content)s"),
            _("已按内容读取；最好把扩展名改对。"),
        ),
        "has_macros": (_("文件带宏"), _("只读了数据，宏没有运行。")),
        "format_cannot_tell": (
            _("这份文件看不出公式错误、隐藏的行列和合并的格子"),
            _("自己核对一下；用 Excel 或 WPS 另存为 .xlsx 再传，就能查。"),
        ),
    }
)
