"""How a guarded value looks to who may not see it whole. Masked parts never reach the page."""

STAR = "*"


def id_number(text: str) -> str:
    """1529**********0014"""
    return text[:4] + STAR * (len(text) - 8) + text[-4:] if len(text) > 8 else STAR * len(text)


def phone(text: str) -> str:
    """138****2210"""
    return text[:3] + STAR * (len(text) - 7) + text[-4:] if len(text) > 7 else STAR * len(text)


def card(text: str) -> str:
    """************1234"""
    return STAR * (len(text) - 4) + text[-4:] if len(text) > 4 else STAR * len(text)


def name(text: str) -> str:
    """那**"""
    return text[:1] + STAR * 2 if text else ""


def address(text: str) -> str:
    """阿拉善左旗******"""
    return text[:5] + STAR * 6 if len(text) > 5 else STAR * 6
