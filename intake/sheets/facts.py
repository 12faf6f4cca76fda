"""What the lines above a header say of the whole sheet: 填报单位, 填表日期, 单位：元, 学年学期."""

import re
import unicodedata
from dataclasses import dataclass, field

from intake.kinds import ReportKind
from intake.sheets.normal import BRACKETED, forms, is_blank, squeeze, words_of

UNIT, DAY, MEASURE, TERM = "填报单位", "填报日期", "计量单位", "学年学期"  # data
PERIOD = "期别"  # data
KNOWN = {
    UNIT: ("填报单位", "填表单位", "报送单位", "上报单位", "单位名称", "填报学校", "单位"),  # data
    DAY: ("填报日期", "填表日期", "填报时间", "填表时间", "报送日期", "制表日期", "日期"),  # data
    MEASURE: ("计量单位", "金额单位", "货币单位"),  # data
    TERM: ("学年学期", "学年", "学期", "学年度"),  # data
    PERIOD: ("期别", "报告期", "填报期", "填报期别", "统计期", "所属期", "数据期别"),  # data
}
LABELS = {squeeze(word): label for label, words in KNOWN.items() for word in words}
MEASURES = re.compile(r"^[百千万亿]?(元|人|名|个|所|户|份|人次|%|元/.+)$")  # data
NOTHING = frozenset({"盖章", "公章", "签章", "签字"})  # data
YEARS = re.compile(
    r"20\d\d\s*[-—–－~至/]\s*(?:20)?\d\d\s*学年度?\s*(?:第?[一二上下12]\s*学期|[春秋]季学期)?"  # data
    r"|20\d\d\s*年?[春秋]季?学期"  # data
)
LONGEST = 500  # characters of a line
# A label with its colon, and what follows up to the next one.
SAID = re.compile(
    r"(?P<label>[^\s:：]{1,12}(?:\s*[(（][^)）]{0,10}[)）])?)\s*[:：]\s*"
    r"(?P<value>.*?)(?=\s+[^\s:：]{1,12}(?:\s*[(（][^)）]{0,10}[)）])?\s*[:：]|$)"
)


@dataclass
class Facts:
    """`values` are raw cells, by the name of the kind's fact or the known label they belong to."""

    title: str = ""
    values: dict[str, object] = field(default_factory=dict)


def read_facts(rows: list[list], kind: ReportKind) -> Facts:
    """The facts in the rows above a header. Labels that nobody knows are passed over, and with them
    who filled the form in: that is needed by nobody, and is a name."""
    labels = LABELS | {
        form: fact.name
        for fact in kind.facts
        for said in (fact.column.header, *fact.column.also)
        for form in forms(str(said))
    }
    facts = Facts()
    for row in rows:
        cells = [raw for raw in row if not is_blank(raw)]
        for label, value in _pairs(cells, labels):
            _keep(facts, label, value, labels)
        if not facts.title and cells and not is_fact_line(row):
            title = words_of(cells[0])
            facts.title = "" if _form(title) in labels else title[:200]
        for raw in cells:
            if term := YEARS.search(words_of(raw)[:LONGEST]):
                facts.values.setdefault(TERM, term[0])
    return facts


def is_fact_line(row: list) -> bool:
    """Whether a row says a label with its colon, and holds nothing but such."""
    cells = [words_of(raw)[:LONGEST] for raw in row if not is_blank(raw)]
    if not cells or not SAID.match(cells[0]):
        return False
    first = SAID.match(cells[0])
    return bool(first["value"]) or _form(first["label"]) in LABELS


def _pairs(cells: list, labels: dict):
    """(label, raw value): both in one cell, several in one cell, or the value in the next cell."""
    waiting = ""
    for raw in cells:
        words = words_of(raw)[:LONGEST]
        said = list(SAID.finditer(words)) if isinstance(raw, str) else []
        if not said:
            if waiting:
                yield waiting, raw
                waiting = ""
            elif _form(words) in labels:
                waiting = words
            continue
        waiting = ""
        for found in said:
            if squeeze(found["value"]) and squeeze(found["value"]) not in NOTHING:
                yield found["label"], found["value"].strip()
            else:
                waiting = found["label"]


def _form(label: str) -> str:
    return squeeze(BRACKETED.sub("", label))


def _keep(facts: Facts, label: str, value, labels: dict) -> None:
    form = _form(label)
    name = labels.get(form)
    if name == UNIT and form == squeeze("单位"):  # data
        words = unicodedata.normalize("NFKC", words_of(value))
        name = MEASURE if MEASURES.match(words) else UNIT
    if name:
        facts.values.setdefault(name, value)
