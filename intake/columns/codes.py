"""Codes of the ministry: the identification code of a school."""

import re

from django.utils.translation import gettext_lazy as _

from intake.columns.base import Column
from intake.columns.spelling import squeeze, written
from intake.faults import BadCell, declare

declare(
    {
        "school_code": (
            _("“%(header)s”应当是 10 位数字"),
            _("对照学校（机构）代码证改正。"),
        ),
    }
)

_CODE = re.compile(r"[1-9][0-9]{9}")


class SchoolCode(Column):
    """学校（机构）标识码: ten digits, two for the kind, two for the province, six serial."""

    ditto = False
    type_name = "school_code"

    def bind(self, context):
        header = str(self.header)

        def read(cell):
            text = squeeze(written(cell))
            if not _CODE.fullmatch(text):
                raise BadCell("school_code", header=header)
            return text

        return read
