"""Templates of documents: what is let in, what comes out, and that nothing else can be reached."""

import io
import time
import zipfile

import pytest

from dropout.models import NoticeKind
from dropout.services.documents import checking, fields, filling, wording
from dropout.services.documents.checking import TemplateRefused
from tests.dropout.papers import docx, lines_of, repacked, with_body, with_link

PLAIN = docx("{{ 学生姓名 }}")


def faults(content: bytes) -> str:
    with pytest.raises(TemplateRefused) as refused:
        filling.try_out(content)
    return " ".join(refused.value.faults)


# What is let in ------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", NoticeKind.values)
def test_every_built_in_template_is_one_that_would_be_let_in(kind):
    used = filling.try_out(wording.built_in(kind))
    assert used and used <= fields.NAMES


def test_the_built_in_templates_bring_no_law_along():
    for kind in NoticeKind.values:
        words = fields.samples() | {"法律依据": ""}
        said = " ".join(lines_of(filling.fill(wording.built_in(kind), words)))
        assert "法》" not in said and "依据：" not in said


def test_names_conditions_headers_and_split_marks_are_filled():
    content = docx(
        "送达 {{送达对象}}", "{%p if 期限 %}", "到 {{ 期限 }}", "{%p endif %}", header="{{ 文号 }}"
    )
    assert filling.try_out(content) == {"送达对象", "期限", "文号"}
    words = fields.blanks() | {"送达对象": "甲", "文号": "1 号"}
    assert lines_of(filling.fill(content, words)) == ["送达 甲"]
    told = filling.fill(content, words | {"期限": "明天"})
    assert lines_of(told) == ["送达 甲", "到 明天"]
    split = with_body(
        PLAIN,
        "<w:p><w:r><w:t>{{ 文</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>号 }}</w:t></w:r></w:p>",
    )
    assert "9 号" in lines_of(filling.fill(split, words | {"文号": "9 号"}))


def test_words_stay_words():
    """What people type is never markup, nor a mark of its own."""
    typed = "<w:b/>&amp; {{ 身份证号 }} {% if x %} }}"
    made = filling.fill(PLAIN, fields.blanks() | {"学生姓名": typed})
    assert lines_of(made) == [typed]


def test_a_picture_of_a_seal_and_page_numbers_are_fine():
    field = '<w:p><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'
    assert filling.try_out(with_body(PLAIN, field)) == {"学生姓名"}
    assert filling.try_out(with_link(PLAIN, "hyperlink", "https://example.org")) == {"学生姓名"}


# What is refused -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "mark",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ 学生姓名.__class__ }}",
        "{{ 学生姓名['__class__'] }}",
        "{{ 学生姓名|attr('__class__') }}",
        "{{ 学生姓名|upper }}",
        "{{ 学生姓名 * 999999999 }}",
        "{{ 'a' * 999999999 }}",
        "{{ 1 + 1 }}",
        "{{ 'x' }}",
        "{{ range(9) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum() }}",
        "{{ self }}{{ self.x }}",
        "{% for x in 学生姓名 %}x{% endfor %}",
        "{% for x in range(999999999) %}x{% endfor %}",
        "{% set x = 学生姓名 %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% macro x() %}{{ x() }}{% endmacro %}",
        "{% filter upper %}x{% endfilter %}",
        "{% block x %}{% endblock %}",
        "{% with x = 1 %}{% endwith %}",
        "{% if 学生姓名 == 'x' %}x{% endif %}",
        "{% if 学生姓名 is defined %}x{% endif %}",
        "{% if 学生姓名 %}没有写完",
        "{% colspan 学生姓名.__class__ %}",
    ],
)
def test_more_than_names_and_conditions_is_refused(mark):
    said = faults(docx(mark))
    assert "名称" in said or "条件" in said


@pytest.mark.parametrize(
    "mark",
    [
        "{{ 学生姓名",
        "{% if 期限 ",
        "{# 没有结束",
        "{{ 学生姓名 }} {{",
        "{{ " + " " * 300 + "期限 }}",
    ],
)
def test_a_mark_that_does_not_close_is_refused(mark):
    assert "没有配对" in faults(docx(mark, "}} %} #}"))


@pytest.mark.parametrize("mark", ["{{p 学生姓名 }}", "{{r 学生姓名 }}"])
def test_marks_that_put_a_word_outside_a_line_are_refused(mark):
    assert "直接写名称" in faults(docx(mark))


def test_unknown_names_are_named_all_at_once():
    said = faults(docx("{{ 学生名字 }} {{ 电话 }} {{ 学生姓名 }}"))
    assert "学生名字" in said and "电话" in said and "学生姓名" not in said


def test_a_condition_across_half_paragraphs_is_refused():
    begins, ends = (
        f"<w:p><w:r><w:t>{{% {word} %}}</w:t></w:r></w:p>" for word in ("if 期限", "endif")
    )
    cell = f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc>{begins}</w:tc></w:tr></w:tbl>"
    assert "各占一段" in faults(with_body(PLAIN, cell + ends))


@pytest.mark.parametrize(
    "xml",
    [
        '<w:p><w:bookmarkStart w:id="1" w:name="{{ 学生姓名 }}"/></w:p>',
        "<w:p><w:r><w:delText>{{ 学生姓名 }}</w:delText></w:r></w:p>",
    ],
)
def test_marks_stand_in_text_only(xml):
    assert "只能写在" in faults(with_body(PLAIN, xml))


@pytest.mark.parametrize(
    "part, before, after",
    [
        ("docProps/core.xml", b"python-docx", b"{{ x }}"),
        ("word/styles.xml", b'w:val="', b'w:val="{{ x }}'),
    ],
)
def test_marks_stand_in_the_body_only(part, before, after):
    marked = repacked(PLAIN, **{part: lambda old: old.replace(before, after, 1)})
    assert "只能写在" in faults(marked)


@pytest.mark.parametrize(
    "instruction",
    [
        'DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"',
        'INCLUDETEXT "http://example.org/x"',
        "INCLUDEPICTURE http://example.org/x.png",
        "MACROBUTTON x y",
        "IF DDE x",
        "QUOTE 65 66",
    ],
)
def test_fields_of_word_that_fetch_or_run_are_refused(instruction):
    simple = f"<w:p><w:fldSimple w:instr='{instruction}'/></w:p>"
    half = len(instruction) // 2
    spread = "<w:p>{}</w:p>".format(
        "".join(
            f"<w:r><w:instrText>{part}</w:instrText></w:r>"
            for part in (instruction[:half], instruction[half:])
        )
    )
    for xml in (simple, spread):
        assert "域" in faults(with_body(PLAIN, xml))


@pytest.mark.parametrize("kind", ["attachedTemplate", "image", "oleObject", "subDocument", "frame"])
def test_links_to_the_outside_are_refused(kind):
    assert "外部" in faults(with_link(PLAIN, kind, "http://example.org/x"))


@pytest.mark.parametrize(
    "member", ["word/vbaProject.bin", "word/embeddings/oleObject1.bin", "word/activeX/activeX1.xml"]
)
def test_macros_and_embedded_files_are_refused(member):
    assert "宏" in faults(repacked(PLAIN, **{member: b"x"}))


def test_a_type_that_says_macros_is_refused():
    said = faults(
        repacked(
            PLAIN,
            **{
                "[Content_Types].xml": lambda old: old.replace(
                    b"wordprocessingml.document.main", b"macroEnabled.main"
                )
            },
        )
    )
    assert "宏" in said


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    ],
)
def test_entities_are_refused(head):
    content = repacked(
        PLAIN,
        **{"word/document.xml": lambda old: old.replace(b"<w:document", head + b"<w:document", 1)},
    )
    assert "不合规" in faults(content)


def test_another_encoding_hides_nothing():
    content = repacked(
        PLAIN,
        **{
            "word/document.xml": lambda old: (
                old.decode().replace("UTF-8", "UTF-16").encode("utf-16")
            )
        },
    )
    assert "不合规" in faults(content)


def test_a_bomb_is_refused_before_it_is_unpacked():
    began = time.monotonic()
    assert "太大" in faults(repacked(PLAIN, **{"word/media/a.png": b"\0" * 30_000_000}))
    assert "太大" in faults(repacked(PLAIN, **{"word/document.xml": b" " * 5_000_000}))
    many = repacked(PLAIN, **{f"word/media/{n}.png": b"" for n in range(400)})
    assert "太大" in faults(many)
    assert time.monotonic() - began < 5


def test_a_thousand_marks_are_refused_quickly():
    began = time.monotonic()
    assert "最多" in faults(docx("{{ 期限 }}" * 1000))
    assert "最多" in faults(docx("{%" * 100_000))
    assert "没有配对" in faults(docx("{% " * 400 + "x" * 900_000))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"%PDF-1.4", PLAIN[:-200], PLAIN[: len(PLAIN) // 2]]
)
def test_what_is_no_document_is_refused(content):
    assert "打不开" in faults(content) or "不是" in faults(content)


def test_a_spreadsheet_is_no_template():
    with zipfile.ZipFile(made := io.BytesIO(), "w") as packed:
        packed.writestr("xl/workbook.xml", "<x/>")
    assert "不是 Word" in faults(made.getvalue())


def test_the_sandbox_holds_even_where_the_check_is_passed_by():
    """Two walls: what the check lets through by mistake finds nothing to call."""
    bare = checking.environment()
    for text in ("{{ ''.__class__.__mro__ }}", "{{ range(9) }}", "{{ 'a'|upper }}", "{{ 没有 }}"):
        with pytest.raises(Exception):  # noqa: B017  each wall has an error of its own
            bare.from_string(text).render(fields.samples())
