"""Which stored row a line of a pre-filled form is, and as of which version: signed, so that nobody
makes one up, and bound to the kind, so that none wanders from one form to another.
"""

import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from intake.faults import BadCell, declare

BYTES = 10  # of the signature: 16 letters
# It begins with a letter and holds no point: no spreadsheet takes it for a number or a day.
_FORM = re.compile(r"R(\d{1,18})-(\d{1,10})-([A-Z2-7]{16})")

declare(
    {
        "token_broken": (
            _("这一行的平台行标识被改过，或不是这种表的"),
            _("从新下载的预填表里把这一格粘回来；要当新行报，就清空这一格。"),
        ),
    }
)


def _signer(kind: str) -> Callable[[str], str]:
    """A function text -> signature; the state of the keyed hash is made once and copied."""
    key = sha256(b"intake.tokens" + settings.SECRET_KEY.encode()).digest()
    keyed = hmac.new(key, f"{kind}\0".encode(), sha256)

    def sign(text: str) -> str:
        one = keyed.copy()
        one.update(text.encode())
        return b32encode(one.digest()[:BYTES]).decode()

    return sign


def maker(kind: str) -> Callable[[int, int], str]:
    """A function (pk, version) -> token, for many rows of one kind."""
    sign = _signer(kind)

    def make(pk: int, version: int) -> str:
        text = f"R{pk}-{version}"
        return f"{text}-{sign(text)}"

    return make


def reader(kind: str) -> Callable:
    """A function cell -> (pk, version), or None where the cell is blank. BadCell if it is not ours."""
    sign = _signer(kind)

    def read(cell) -> tuple[int, int] | None:
        text = cell.strip().upper() if isinstance(cell, str) else cell
        if text is None or text == "":
            return None
        found = _FORM.fullmatch(text) if isinstance(text, str) else None
        if not found or not hmac.compare_digest(sign(f"R{found[1]}-{found[2]}"), found[3]):
            raise BadCell("token_broken")
        return int(found[1]), int(found[2])

    return read
