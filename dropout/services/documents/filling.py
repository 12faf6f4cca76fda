"""A template and the words for it make a document."""

import io

from django.utils.translation import gettext as _
from docxtpl import DocxTemplate
from lxml import etree

from dropout.services.documents import checking, fields

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_FILLED = 4 * 1024 * 1024


def fill(content: bytes, words: dict[str, str]) -> bytes:
    """The document; the template is checked anew, whatever has been said of it before."""
    checking.check(content)
    template = DocxTemplate(io.BytesIO(content))
    template.render(words, checking.environment(), autoescape=True)
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()


def try_out(content: bytes) -> frozenset[str]:
    """Check a template and fill it twice: with a sample, and with every condition left out."""
    used = checking.check(content)
    for words in (fields.samples(), fields.blanks()):
        _try(content, words)
    return used


def _try(content: bytes, words: dict[str, str]) -> None:
    """Conditions that open in one paragraph and close in the midst of another break a document."""
    try:
        bare = checking.environment()
        for source in checking.sources_of(content):
            etree.fromstring(bare.from_string(source).render(words))
        made = fill(content, words)
    except checking.TemplateRefused:
        raise
    except Exception:  # whatever the libraries say of it, it is the template that does not fit
        raise checking.TemplateRefused(
            _("条件的开头和结尾要各占一段：%(if)s 和 %(endif)s。") % checking.WRITTEN
        ) from None
    if len(made) > MOST_FILLED:
        raise checking.TemplateRefused(
            _("模板展开后太大，没有收下。文书一两页就够，删去多余的内容再传。")
        )
