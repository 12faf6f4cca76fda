"""What the tests of column types share: a day, a context, and one cell read as a sheet holds it."""

from datetime import date

from intake.cells import encode
from intake.columns import Column, Context, Doubt
from intake.faults import BadCell, Fault

TODAY = date(2025, 10, 13)


def context(**known) -> Context:
    return Context(**{"user": None, "permission": "", "on": TODAY} | known)


def read(column: Column, cell, **known):
    """The value of a cell; BadCell is raised where it cannot be taken."""
    return column.reader(context(**known))(encode(cell))


def fault(column: Column, cell, **known) -> str:
    """The code of what is wrong with a cell, or of the doubt about it."""
    try:
        value = read(column, cell, **known)
    except BadCell as bad:
        return bad.code
    return value.code if isinstance(value, Doubt) else ""


def words(column: Column, cell, **known) -> str:
    """What the uploader reads about a cell."""
    try:
        value = read(column, cell, **known)
    except BadCell as bad:
        return Fault(bad.code, params=bad.params).message
    return Fault(value.code, params=value.params).message if isinstance(value, Doubt) else ""
