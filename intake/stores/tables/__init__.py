"""Kinds with a hundred thousand rows: staged in a temporary table, compared and written in SQL.

The SQL is made from the models and from one declaration, the same for both engines.
"""

from intake.stores.tables.declared import Alike, Find, Missing, Part
from intake.stores.tables.store import Tables

__all__ = ["Alike", "Find", "Missing", "Part", "Tables"]
