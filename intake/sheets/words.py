"""What can be wrong with a sheet as a whole, in words: its header, its columns, its totals."""

from django.utils.translation import gettext_lazy as _

from intake.faults import declare

declare(
    {
        "empty_book": (_("这个文件里没有内容"), _("看看是不是选错了文件，或存盘时丢了内容。")),
        "no_header": (
            _("没有找到“%(kind)s”的表头；要找的列：%(wanted)s。%(found)s"),
            _("看看是不是选错了表，或把这几列的表头写上。"),
        ),
        "other_kind": (
            _("工作表“%(sheet)s”看起来是“%(title)s”，不是“%(kind)s”"),
            _("换一个表种再传，或换一个文件。"),
        ),
        "map_unknown": (
            _("“%(kind)s”没有叫“%(column)s”的列"),
            _("指定表头时写这个表种的列名。"),
        ),
        "map_unused": (
            _("指定了表头“%(header)s”，表里没有这一列"),
            _("看看表头是不是写错了。"),
        ),
        "column_missing": (_("缺必填的列“%(header)s”"), _("补上这一列，或指定由哪一列代替。")),
        "column_unclaimed": (
            _("%(letter)s列“%(header)s”没有对应的列，没有收"),
            _("要收，请指定它是哪一列；不收，不用管。"),
        ),
        "column_headless": (
            _("%(letter)s列有内容，没有表头，没有收"),
            _("要收，请给这一列写上表头。"),
        ),
        "column_left_out": (
            _("%(letter)s列“%(header)s”按指定不收"),
            _("要收，请改表头的对应。"),
        ),
        "column_signature": (_("%(letter)s列“%(header)s”是签字栏，没有收"), ""),
        "column_suggested": (
            _("%(letter)s列“%(header)s”像是“%(column)s”"),
            _("请确认一次，以后照此对应。"),
        ),
        "column_claimed_twice": (
            _("“%(column)s”有两列对应：%(first)s列“%(header)s”和%(second)s列“%(other)s”"),
            _("指定收哪一列，另一列指定为不收。"),
        ),
        "header_twice": (
            _("表头“%(header)s”出现两次：%(first)s列和%(second)s列"),
            _("按%(first)s列收；%(second)s列要收，请指定它是哪一列。"),
        ),
        "header_differs": (
            _("第%(row)s行又有一个表头，与上面的不同，从这一行起没有收"),
            _("把下面的表另放一张工作表。"),
        ),
        "measure_not_yuan": (
            _("“%(header)s”以%(measure)s计，不是元"),
            _("金额换算成元再传。"),
        ),
        "total_differs": (
            _("写的合计是%(stated)s，各行加起来是%(computed)s"),
            _("看看是漏了行，还是合计没有更新。"),
        ),
        "filled_down": (
            _("“%(header)s”有%(count)s格空着，按上面一格收"),
            _("不对的，请把这一格填上。"),
        ),
        "merged_not_filled": (
            _("“%(header)s”有%(count)s处合并单元格，只有第一行收到了值"),
            _("各行都有这个值的，请取消合并后填满。"),
        ),
        "hidden_rows": (_("有隐藏或筛掉的行，照样收了：%(rows)s"), _("不该收的，请先删掉。")),
        "hidden_columns": (_("有隐藏的列，照样收了：%(letters)s"), _("不该收的，请先删掉。")),
        "sheet_skipped": (_("工作表“%(name)s”不是这个表种，没有收"), ""),
        "sheet_incomplete": (
            _("工作表“%(name)s”没有收，缺必填的列：%(wanted)s"),
            _("要收，请补上这些列。"),
        ),
        "sheet_hidden": (_("工作表“%(name)s”是隐藏的，没有收"), _("要收，请取消隐藏再传。")),
        "sheet_hidden_read": (
            _("工作表“%(name)s”是隐藏的；只有它对得上，照样收了"),
            _("不该收的，请换一个文件。"),
        ),
        "no_rows": (_("工作表“%(name)s”的表头下面没有数据"), ""),
    }
)
