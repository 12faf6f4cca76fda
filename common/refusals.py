"""Why a deed is not done: a code for programs, the field it belongs beside, the words for people."""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """A deed that the facts do not allow; each app has its own with its words.

    `field` is the argument of the deed that it belongs beside, or empty.
    """

    words: ClassVar[Mapping[str, object]] = {}

    def __init__(self, code: str, field: str = ""):
        super().__init__(code)
        self.code, self.field = code, field

    @property
    def says(self) -> str:
        return str(self.words[self.code])


class Stale(Exception):
    """Somebody changed it since the form was opened."""
