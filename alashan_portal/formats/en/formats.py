# data
"""Dates and numbers in English: day before month, as the portal's English pages write them."""

DATE_FORMAT = "j M Y"  # 13 Oct 2025
SHORT_DATE_FORMAT = "Y-m-d"  # 2025-10-13, for narrow columns and exports
MONTH_DAY_FORMAT = "j M"  # 13 Oct
YEAR_MONTH_FORMAT = "M Y"  # Oct 2025
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y H:i"  # 13 Oct 2025 16:05
SHORT_DATETIME_FORMAT = "Y-m-d H:i"

DATE_INPUT_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"]

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
