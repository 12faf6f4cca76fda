"""What is to be marked, as the parent asks for it, and what is said about it in the end."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """A fault or warning: `row` is 0 and `column` empty where it is of a whole sheet or column."""

    sheet: str
    row: int
    column: str
    header: str
    wrong: str
    cure: str
    is_warning: bool

    @property
    def address(self) -> str:
        """The cell to look at: a column without a row is told at its top, a sheet at its corner."""
        return f"{self.column or 'A'}{self.row or 1}"

    @property
    def is_cell(self) -> bool:
        return bool(self.row and self.column)


@dataclass
class Job:
    """`words` are the sentences of the list, in the reader's language; `heads` is the last row of each
    sheet's header."""

    form: str
    places: list[Place]
    left_out: int  # places that are too many for the list
    words: dict[str, str]
    heads: dict[str, int]
    list_title: str
    only_faulty: bool  # a whole workbook was tried, and was too much for the child

    @classmethod
    def of(cls, said: dict) -> "Job":
        texts = said["texts"]
        places = [
            Place(sheet, row, column, header, *texts[text], warning)
            for sheet, row, column, header, text, warning in said["places"]
        ]
        return cls(
            said["format"],
            places,
            said["left_out"],
            said["words"],
            said["heads"],
            said["list_title"],
            said["only_faulty"],
        )


@dataclass
class Notes:
    """What the marked workbook does not hold, or holds otherwise: (code, count), to be told."""

    said: Counter = field(default_factory=Counter)

    def add(self, code: str, count: int = 1) -> None:
        if count:
            self.said[code] += count

    def in_words(self, words: dict[str, str]) -> list[str]:
        return [words[code] % {"count": count} for code, count in self.said.items()]
