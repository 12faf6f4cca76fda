"""Word documents for tests, good ones and bad ones."""

import io
import zipfile

from docx import Document


def docx(*lines: str, header: str = "") -> bytes:
    """A document of these paragraphs."""
    page = Document()
    for line in lines:
        page.add_paragraph(line)
    if header:
        page.sections[0].header.paragraphs[0].text = header
    made = io.BytesIO()
    page.save(made)
    return made.getvalue()


def lines_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


def repacked(content: bytes, **changed) -> bytes:
    """The archive with members replaced or added: {name: bytes, or a function of the old bytes}."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        members = {name: old.read(name) for name in old.namelist()}
        for name, value in changed.items():
            members[name] = value(members[name]) if callable(value) else value
        for name, value in members.items():
            new.writestr(name, value)
    return made.getvalue()


def with_body(content: bytes, xml: str) -> bytes:
    """XML put at the beginning of the body as it stands."""
    return repacked(
        content,
        **{"word/document.xml": lambda old: old.replace(b"<w:body>", b"<w:body>" + xml.encode())},
    )


def with_link(content: bytes, kind: str, target: str) -> bytes:
    """A relationship that leads outside."""
    link = (
        f'<Relationship Id="rId99" Type="http://x/{kind}" Target="{target}" TargetMode="External"/>'
    )
    return repacked(
        content,
        **{
            "word/_rels/document.xml.rels": lambda old: old.replace(
                b"</Relationships>", link.encode() + b"</Relationships>"
            )
        },
    )
