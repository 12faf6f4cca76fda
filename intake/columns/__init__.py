"""Column types: each reads one distinct cell, and has its faults in one place.

texts      Text, Address, PersonName
identity   IdNumber, IdPaper, RollNumber
contacts   Phone, BankCard
days       Day, Month
amounts    Number, Money, Count, Percent
choices    YesNo, Choice, Ethnicity
grades     Grade, ClassName
units      UnitRef
"""

from intake.columns.amounts import Count, Money, Number, Percent
from intake.columns.base import BLANK, CLEAR, Column, Context, Doubt
from intake.columns.choices import Choice, Ethnicity, YesNo
from intake.columns.contacts import BankCard, Phone
from intake.columns.days import Day, Month
from intake.columns.ditto import DITTOS, fill_dittos
from intake.columns.grades import ClassName, Grade
from intake.columns.identity import IdNumber, IdPaper, OtherPaper, RollNumber
from intake.columns.texts import Address, PersonName, Text
from intake.columns.units import OneOf, UnitRef

__all__ = [
    "BLANK",
    "CLEAR",
    "DITTOS",
    "Address",
    "BankCard",
    "Choice",
    "ClassName",
    "Column",
    "Context",
    "Count",
    "Day",
    "Doubt",
    "Ethnicity",
    "Grade",
    "IdNumber",
    "IdPaper",
    "Money",
    "Month",
    "Number",
    "OneOf",
    "OtherPaper",
    "Percent",
    "PersonName",
    "Phone",
    "RollNumber",
    "Text",
    "UnitRef",
    "YesNo",
    "fill_dittos",
]
