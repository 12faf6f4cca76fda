"""Understands a sheet as it is: finds the header, matches its columns, and streams its rows of data."""

from intake.sheets import words  # noqa: F401  what can be wrong with a sheet
from intake.sheets.normal import ROW_TOKEN
from intake.sheets.rows import RawChunk
from intake.sheets.tables import Table
from intake.sheets.workbook import read_tables

__all__ = ["ROW_TOKEN", "RawChunk", "Table", "read_tables"]
