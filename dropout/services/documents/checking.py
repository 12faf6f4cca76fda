"""Whether a .docx may be a template. It comes from outside: nothing in it is trusted.

A template holds words between double braces, each from the list of fields, and conditions on
them. There is no loop, no expression and no call, so that what comes out is hardly longer than
what went in, and nothing but the fields can be reached.
"""

import io
import re
import zipfile

from django.utils.translation import gettext as _
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from dropout.services.documents import fields

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 20 * 1024 * 1024
MOST_OF_A_PART = 1024 * 1024  # of XML; pictures may be larger
MOST_MEMBERS = 300
MOST_MARKS = 400
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HYPERLINK = "/hyperlink"
WRITTEN_IN = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
# Fields of Word that reach nothing outside the document.
HARMLESS = {"PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "DATE", "TIME", "HYPERLINK", "TOC"}
CARRIERS = ("vbaproject", "word/embeddings/", "word/activex/", "word/afchunk")
INSIDE = ".{0,200}?"  # no end of a mark is searched further
MARK = re.compile(
    rf"\{{\{{{INSIDE}\}}\}}|\{{%{INSIDE}%\}}|\{{#{INSIDE}#\}}",
    re.DOTALL,
)
OPENS = re.compile(r"\{\{|\{%|\{#")
# docxtpl's marks that put a text where Word expects a paragraph, a row, a cell or a run
RAW = re.compile(r"\{\{[a-z]+\s")
WRITTEN = {"name": "{{ 名称 }}", "if": "{%p if 名称 %}", "endif": "{%p endif %}"}  # data
ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.Name,
    nodes.Not,
    nodes.And,
    nodes.Or,
)


class TemplateRefused(Exception):
    """The file cannot be a template; `faults` say why, in the users' words."""

    def __init__(self, *faults: str):
        super().__init__(*faults)
        self.faults = list(faults)


def environment() -> SandboxedEnvironment:
    """Jinja with nothing in it: no globals, no filters, no tests; unknown names fail."""
    bare = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    for held in (bare.globals, bare.filters, bare.tests):
        held.clear()
    return bare


def check(content: bytes) -> frozenset[str]:
    """The names that a template uses, or TemplateRefused with every fault found."""
    parts = _parts(content)
    faults = []
    for name, xml in parts.items():
        faults += _faults_of_part(name, xml)
    if faults:
        raise TemplateRefused(*dict.fromkeys(faults))
    return _names(content)


# The archive -------------------------------------------------------------------------------------
def _parts(content: bytes) -> dict[str, bytes]:
    """The XML of the archive by name. Declared sizes bound what is unpacked."""
    if len(content) > MOST_BYTES:
        raise TemplateRefused(too_large())
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            _check_sizes(members)
            names = [member.filename for member in members]
            if "word/document.xml" not in names or len(set(names)) != len(names):
                raise TemplateRefused(_("这不是 Word 文档（.docx）。"))
            if any(carrier in name.lower() for name in names for carrier in CARRIERS):
                raise TemplateRefused(_("模板里有宏或嵌入的文件，没有收下。删掉后另存，再传。"))
            return {name: packed.read(name) for name in names if name.endswith((".xml", ".rels"))}
    except TemplateRefused:
        raise
    except Exception:  # zlib, struct and zipfile each complain in their own words
        raise TemplateRefused(
            _("文件打不开，可能已损坏。用 Word 或 WPS 另存为 .docx，再传。")
        ) from None


def too_large() -> str:
    return _("模板超过 2 MB。图片压缩后再传。")


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    xml = [one.file_size for one in members if one.filename.endswith((".xml", ".rels"))]
    too_much = (
        len(members) > MOST_MEMBERS
        or sum(one.file_size for one in members) > MOST_UNPACKED
        or max(xml, default=0) > MOST_OF_A_PART
    )
    if too_much:
        raise TemplateRefused(_("模板展开后太大，没有收下。文书一两页就够，删去多余的内容再传。"))


# One part ----------------------------------------------------------------------------------------
def _faults_of_part(name: str, xml: bytes) -> list[str]:
    root = _tree(xml)
    if root is None:
        return [_("文档里有不合规的内容，没有收下。用 Word 或 WPS 另存为 .docx，再传。")]
    if name.endswith(".rels"):
        return _faults_of_links(root)
    if name == "[Content_Types].xml" and b"macroenabled" in xml.lower():
        return [_("模板里有宏或嵌入的文件，没有收下。删掉后另存，再传。")]
    faults = _faults_of_word_fields(root)
    if WRITTEN_IN.fullmatch(name):
        return faults + _faults_of_marks(root)
    if OPENS.search("".join(root.itertext())) or _marks_in_attributes(root):
        faults.append(_("双花括号只能写在正文、页眉和页脚里。"))
    return faults


def _tree(xml: bytes):
    """The part as a tree; None where it is no plain UTF-8 XML or declares entities of its own."""
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "<!" in re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    declared = root.getroottree().docinfo.encoding or "UTF-8"
    return root if declared.upper() in ("UTF-8", "ASCII", "US-ASCII") else None


def _faults_of_links(root) -> list[str]:
    """A document that fetches something when it is opened tells others who opens it."""
    for link in root:
        outside = str(link.get("TargetMode", "")).lower() == "external"
        kind = str(link.get("Type", "")).lower()
        if outside and not kind.endswith(HYPERLINK) or "vbaproject" in kind:
            return [_("模板引用了外部的图片、模板或文件，没有收下。改为嵌入或删掉，再传。")]
        if kind.endswith("/afchunk"):
            return [_("模板里有宏或嵌入的文件，没有收下。删掉后另存，再传。")]
    return []


def _faults_of_word_fields(root) -> list[str]:
    """Word obeys its own fields when a document is opened; DDE and INCLUDETEXT are among them."""
    # A field's instruction may be spread over several runs: each paragraph is read as one.
    spread = [
        "".join(one.text or "" for one in paragraph.iter(f"{WORD}instrText"))
        for paragraph in root.iter(f"{WORD}p")
    ]
    told = [text for text in spread if text.strip()]
    told += [one.get(f"{WORD}instr") or "" for one in root.iter(f"{WORD}fldSimple")]
    odd = [text for text in told if text.split()[0].upper().lstrip("\\") not in HARMLESS]
    risky = any(re.search(r"DDE|INCLUDE|LINK\s|QUOTE|MACRO", _no_hyper(text)) for text in told)
    if odd or risky:
        return [_("模板里有会取外部内容的域，没有收下。只留页码和日期的域，再传。")]
    return []


def _no_hyper(text: str) -> str:
    return text.upper().replace("HYPERLINK", "")


def _marks_in_attributes(root) -> bool:
    return any(OPENS.search(value) for one in root.iter() for value in one.attrib.values())


def _faults_of_marks(root) -> list[str]:
    """Every mark closes in the paragraph where it opens, so that nothing is searched far and wide."""
    said = _("双花括号只能写在正文、页眉和页脚里。")
    faults = [said] if _marks_in_attributes(root) or _marks_outside_text(root) else []
    # A text box lies inside a paragraph and has paragraphs of its own.
    texts = [
        "".join(one.text or "" for one in paragraph.iter(f"{WORD}t"))
        for paragraph in root.iter(f"{WORD}p")
    ]
    if sum(len(OPENS.findall(text)) for text in texts) > MOST_MARKS:
        return [*faults, _("一份模板最多 %(n)s 处双花括号。") % {"n": MOST_MARKS}]
    for text in texts:
        shown = {"text": text[:40]}
        if OPENS.search(MARK.sub("", text)):
            faults.append(_("有一处双花括号没有配对，或里面太长：%(text)s") % shown)
        if RAW.search(text):
            faults.append(_("双花括号后面直接写名称：%(text)s") % shown)
    return faults


def _marks_outside_text(root) -> bool:
    return any(one.tag != f"{WORD}t" and OPENS.search(one.text or "") for one in root.iter())


# What the marks say ------------------------------------------------------------------------------
def _names(content: bytes) -> frozenset[str]:
    """Names between the braces; refused is whatever is more than a name or a condition on names."""
    bare, used, faults = environment(), set(), []
    try:
        sources = sources_of(content)
    except Exception:  # python-docx and docxtpl have no common word for a document they cannot read
        raise TemplateRefused(
            _("文件打不开，可能已损坏。用 Word 或 WPS 另存为 .docx，再传。")
        ) from None
    for source in sources:
        try:
            tree = bare.parse(source)
        except TemplateSyntaxError:
            faults.append(_("条件没有写完整：%(if)s 要有 %(endif)s。") % WRITTEN)
            continue
        if not isinstance(tree, nodes.Template) or any(
            not isinstance(node, ALLOWED) for node in _all_nodes(tree)
        ):
            faults.append(
                _("只能写 %(name)s 和 %(if)s … %(endif)s；不能有运算、循环和调用。") % WRITTEN
            )
        used |= {node.name for node in tree.find_all(nodes.Name)}
    unknown = sorted(used - fields.NAMES)
    if unknown:
        listed = _("、").join(name[:20] for name in unknown[:10])
        faults.append(_("没有这些名称：%(names)s。照名称表写。") % {"names": listed})
    if faults:
        raise TemplateRefused(*dict.fromkeys(faults))
    return frozenset(used)


def _all_nodes(tree):
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all_nodes(child)


def sources_of(content: bytes) -> list[str]:
    """The parts that are filled, as the library hands them to Jinja."""
    template = DocxTemplate(io.BytesIO(content))
    template.render_init()
    found = [template.patch_xml(template.get_xml())]
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        found += [
            template.patch_xml(template.get_part_xml(part))
            for _key, part in template.get_headers_footers(uri)
        ]
    return found
