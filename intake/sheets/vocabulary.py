"""What a kind calls its columns, and what a unit was found to call them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from intake.cells import column_letter
from intake.faults import Unusable
from intake.kinds import ReportKind
from intake.sheets.normal import forms, path_forms, squeeze

LEFT_OUT = ""  # what a header is matched to when it shall not be taken in


@dataclass(frozen=True)
class Heading:
    """The header of one sheet column: its parts from top to bottom, none if nothing stands there."""

    index: int
    parts: tuple[str, ...]

    @cached_property
    def header(self) -> str:
        return "/".join(self.parts)

    @cached_property
    def letter(self) -> str:
        return column_letter(self.index + 1)

    @property
    def key(self) -> str:
        """Tells it from a second column of the same header in a mapping: 联系电话@H."""
        return f"{self.header}@{self.letter}"

    @cached_property
    def normal(self) -> str:
        """The form under which it is remembered."""
        return squeeze(self.header)


class Spelt:
    """Columns by the normal forms of what they are called, the fullest form first."""

    def __init__(self, names: dict[str, str]):
        said = names.items()
        self.full = _unique((squeeze(words), name) for words, name in said)
        self.bare = _unique((form, name) for words, name in said for form in forms(words))

    def find(self, parts: tuple[str, ...]) -> str | None:
        found = list(path_forms(parts)) if parts else []
        return next(
            (known[form] for known in (self.full, self.bare) for form in found if form in known),
            None,
        )


class Vocabulary:
    """Answers which column of a kind a header means, one way of knowing after the other.

    `given` and `remembered` are {header: column name, or "" for a column that is left out}; a
    given column may also be written as its header.
    """

    def __init__(
        self, kind: ReportKind, *, given: dict | None = None, remembered=None, context=None
    ):
        self.kind = kind
        self._claims = kind.claims(context)
        names = kind.columns
        self.exact = {str(column.header): name for name, column in names.items()}
        self.alias = _unique((also, name) for name in names for also in names[name].also)
        # A header of its own weighs more than an alias of another column.
        self.spelt = [Spelt(self.exact), Spelt(self.alias)]
        self.remembered = {
            header: name
            for header, name in (remembered or {}).items()
            if name == LEFT_OUT or name in kind.columns  # a column may be gone since
        }
        self.given = {header: self._named(name) for header, name in (given or {}).items()}
        by_form = ((squeeze(header), name) for header, name in self.given.items())
        self._given_forms = {form: name for form, name in by_form if form}

    def names_of(self, name: str) -> tuple[str, ...]:
        """A column's header and aliases."""
        column = self.kind.columns[name]
        return (str(column.header), *column.also)

    def _named(self, said: str) -> str:
        if said == LEFT_OUT or said in self.kind.columns:
            return said
        name = self.exact.get(said) or self.alias.get(said) or self.by_form((said,))
        if name is None:
            raise Unusable("map_unknown", kind=str(self.kind.title), column=said)
        return name

    def ways(self) -> Iterator[tuple[str, Callable[[Heading], str | None]]]:
        """The ways of knowing, the surest first: what a person said outranks all but our own header."""
        yield "given", self.by_given
        yield "exact", lambda heading: self.exact.get(heading.header)
        yield "remembered", lambda heading: self.remembered.get(heading.normal)
        yield "alias", lambda heading: self.alias.get(heading.header)
        for spelt in self.spelt:
            yield "form", lambda heading, spelt=spelt: spelt.find(heading.parts)

    def by_given(self, heading: Heading) -> str | None:
        for said in (heading.key, heading.header):
            if said in self.given:
                return self.given[said]
        return self._given_forms.get(heading.normal)

    def by_form(self, parts: tuple[str, ...]) -> str | None:
        return next((name for spelt in self.spelt if (name := spelt.find(parts))), None)

    def by_leaf(self, heading: Heading) -> str | None:
        """By the lowest part alone: 残疾类型/视力 as 视力."""
        return self.by_form(heading.parts[-1:]) if len(heading.parts) > 1 else None

    def claim(self, heading: Heading) -> object | None:
        """What a heading that is no column means to the kind: by all its parts, else by the last."""
        parts = heading.parts
        said = dict.fromkeys("/".join(parts[-count:]) for count in (len(parts), 2, 1))
        return next((c for words in said if (c := self._claims(words)) is not None), None)

    def knows(self, words: str) -> bool:
        return bool(words) and (
            self.by_form((words,)) is not None
            or squeeze(words) in self.remembered
            or words in self.given
            or squeeze(words) in self._given_forms
        )

    def unused(self, headings: list[Heading]) -> list[str]:
        """Given headers that none of the headings bears."""
        borne = {said for h in headings for said in (h.key, h.header, h.normal)}
        return [said for said in self.given if borne.isdisjoint((said, squeeze(said)))]


def _unique(pairs) -> dict[str, str]:
    """Only forms that mean one column: 金额 is none of 金额(元) and 金额(人次)."""
    known = set(pairs)
    times = Counter(form for form, _name in known)
    return {form: name for form, name in known if times[form] == 1}
