"""Everything that can be wrong with a sheet, in one place: what is wrong, and what to do about it.

A fault has a code and places. Its words hold no value of a cell: a name or number would end up in
logs, exports and shared screens. `params` fill the words with what is nobody's secret: a column's
header, the name of a school, a row's address.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Words:
    """What is wrong (%(name)s places are filled from a fault's params) and what to do."""

    wrong: str
    cure: str


# code -> words. Column types, sheets and rules each add theirs with `declare`.
_words: dict[str, Words] = {}


def declare(codes: dict[str, tuple[str, str]]) -> None:
    for code, (wrong, cure) in codes.items():
        if code in _words:
            raise ValueError(f"Fault {code} is declared twice")
        _words[code] = Words(wrong, cure)


def words_of(code: str) -> Words:
    return _words[code]


def all_codes() -> list[str]:
    return sorted(_words)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault or warning at one place, as Excel shows the place: row 12, column "F"."""

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    params: dict = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.column}{self.row or ''}"

    @property
    def wrong(self) -> str:
        return str(_words[self.code].wrong) % self.params

    @property
    def cure(self) -> str:
        return str(_words[self.code].cure) % self.params

    @property
    def message(self) -> str:
        """Both sentences, as the JSON of the commands has them."""
        return f"{self.wrong} {self.cure}".strip()


class BadCell(Exception):
    """Raised by a column's `parse`: the cell cannot be taken, by the code of a declared fault."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code, self.params = code, params


class Unusable(Exception):
    """The file as a whole cannot be used (exit 2); the code of a declared fault says why."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code, self.params = code, params

    @property
    def message(self) -> str:
        return Fault(self.code, params=self.params).message


declare(
    {
        "required": (_("“%(header)s”没填"), _("补上这一格，或删掉这一行。")),
        "error_cell": (
            _("这一格是公式错误（%(error)s），不是数据"),
            _("改好公式，或把结果粘贴成数值。"),
        ),
        "formula_without_value": (
            _("这一格是公式，文件里没有存结果"),
            _("用 Excel 或 WPS 打开，保存一次，再传。"),
        ),
        "needs_answer": (_("%(question)s"), _("在预览页上回答，或改成没有疑义的写法。")),
        "clear_required": (
            _("“%(header)s”是必填项，不能清空"),
            _("写上新值，或留空表示不动。"),
        ),
        "key_twice": (
            _("与 %(place)s 是同一个“%(header)s”"),
            _("留一行，删一行。"),
        ),
        "stale": (
            _("表发出之后，平台里的这一行又改过"),
            _("重新下载预填表，再改这一行。"),
        ),
        "other_unit": (
            _("这一行的人现在归%(unit)s"),
            _("提交后会向那个单位提出转入，由对方同意；这一行不写入。"),
        ),
    }
)
