"""Stored content that the bureau keeps in two languages."""

from django.utils.translation import get_language


def in_language(zh: str, en: str) -> str:
    """The English text where English is on and the text exists, else the Chinese one."""
    return en if en and (get_language() or "").startswith("en") else zh
