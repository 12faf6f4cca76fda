"""Marks a user's workbook in the limited child: the same workbook with red cells and a list of faults.

`serve` speaks with the parent, `copies` keeps an .xlsx as it is, `values` makes a new workbook of any
other format and of what is too long, `census` counts what a copy has lost.
"""
