# data
"""Dates and numbers in Chinese, where Django's own file differs from how the bureau writes."""

DATE_FORMAT = "Y年n月j日"  # 2025年10月13日
SHORT_DATE_FORMAT = "Y-m-d"  # 2025-10-13, for narrow columns and exports
MONTH_DAY_FORMAT = "n月j日"  # 10月13日
YEAR_MONTH_FORMAT = "Y年n月"  # 2025年10月
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "Y年n月j日 H:i"  # 2025年10月13日 16:05
SHORT_DATETIME_FORMAT = "Y-m-d H:i"

# What a person may type: 2025-10-13, 2025/10/13, 2025.10.13, 20251013, 2025年10月13日
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"]

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
