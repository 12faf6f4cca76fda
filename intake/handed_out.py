"""Sheets of our own in workbooks that we hand out: known when they come back, and passed over."""

LIST_SHEET = "错误清单"  # data: the faults of a marked workbook
DICTIONARY_SHEET = "字典"  # data: what the drop-downs of a form offer
OUR_SHEETS = frozenset({LIST_SHEET, DICTIONARY_SHEET})
