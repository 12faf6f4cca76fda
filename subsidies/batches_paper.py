"""A batch on paper: sums by school and programme, the children, and the total in words."""

from decimal import Decimal

from django.db.models import Count

from subsidies.models import PaymentBatch
from subsidies.models.money import cents

ROWS_ON_PAPER = 1000  # of a longer batch the paper holds the sums by school
DIGITS = "零壹贰叁肆伍陆柒捌玖"  # data
PLACES = ("", "拾", "佰", "仟")  # data
MYRIADS = ("", "万", "亿", "万亿")  # data


def by_school(batch: PaymentBatch) -> list[dict]:
    """A line for each school and programme."""
    return list(
        batch.payments.order_by()
        .values("school__name", "programme__name")
        .annotate(count=Count("pk"), total=cents())
        .order_by("school__sort_key", "programme__sort_no", "programme__name")
    )


# A sum in words, as receipts have it ---------------------------------------------------------------
def in_words(amount: Decimal) -> str:
    """312.50 → 叁佰壹拾贰元伍角整. The official form is Chinese, whatever the page speaks."""
    sign = "负" if amount < 0 else ""  # data
    fen = int(abs(amount) * 100)
    yuan, jiao, fen = fen // 100, fen // 10 % 10, fen % 10
    words = _whole(yuan) + "元" if yuan else ""  # data
    if not jiao and not fen:
        return sign + (words or "零元") + "整"  # data
    if jiao:
        words += DIGITS[jiao] + "角"  # data
    elif words:
        words += "零"  # data
    return sign + words + (DIGITS[fen] + "分" if fen else "整")  # data


def _whole(number: int) -> str:
    """Four digits at a time; a gap of noughts is read as one."""
    groups, words, gap = [], "", False
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += DIGITS[0]
        words += _four(group) + MYRIADS[place]
        gap = False
    return words


def _four(group: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(words)
            continue
        words += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return words
