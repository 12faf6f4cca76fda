"""The portal's own words of the template language."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.forms import formset_factory
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from common.templatetags import ax

TODAY = date(2025, 10, 13)


def show(source, **context):
    return Template(source).render(Context({"today": TODAY} | context))


# Status ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", ax.LOOKS)
def test_every_status_has_a_shape_in_the_sprite_and_a_word(code, settings):
    sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text(encoding="utf-8")
    html = show("{% status code %}", code=code)
    assert f'id="{ax.LOOKS[code].shape}"' in sprite
    assert str(ax.LOOKS[code].word) in html
    assert f"is-{ax.LOOKS[code].colour}" in html


def test_status_takes_another_word_and_upper_case_codes():
    html = show('{% status "LATE" "逾期 3 天" tag=True %}')
    assert "逾期 3 天" in html and "ax-tag" in html and "#w-late" in html


def test_status_keeps_the_word_for_readers_of_the_screen():
    assert '<span class="visually-hidden">达标</span>' in show('{% status "ok" hidden=True %}')


def test_status_escapes_its_word():
    assert "<b>" not in show('{% status "ok" word %}', word="<b>")


def test_cell_says_unit_and_verdict_aloud():
    html = show('{% cell "behind" "左旗" "61.54" url="/x" provisional=True %}')
    assert "左旗 落后，暂定" in html and 'class="ax-prov">61.54' in html and 'href="/x"' in html


def test_cell_tells_blank_from_zero_from_not_applicable():
    assert "<b>0</b>" in show('{% cell "ok" "左旗" "0" %}')
    assert "未报</b>" in show('{% cell "none" "左旗" %}')
    assert "<b" not in show('{% cell "na" "左旗" %}')


# Numbers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (1286, None, "1,286"),
        (0, None, "0"),
        (Decimal("5.00"), None, "5"),
        (Decimal("12.5"), None, "12.50"),
        (Decimal("1204.345"), 2, "1,204.35"),
        (0.125, 2, "0.13"),
        (-1286, None, "-1,286"),
        ("1286", None, "1,286"),
        (None, None, ""),
        ("", None, ""),
        ("未报", None, "未报"),
    ],
)
def test_num_groups_thousands_and_rounds_half_up(value, places, shown):
    assert ax.num(value, places) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(97.5, "97.50%"), (Decimal(100), "100.00%"), (0, "0.00%"), (None, "")]
)
def test_rate_has_two_decimals_and_leaves_blank_blank(value, shown):
    assert ax.rate(value) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (815, "815 B"), (2048, "2 KB"), (1258291, "1.2 MB"), (20 * 1024**2, "20.0 MB")],
)
def test_filesize(size, shown):
    assert ax.filesize(size) == shown


# Dates -----------------------------------------------------------------------------------------
def test_cndate_leaves_out_the_year_of_today():
    assert ax.cndate(date(2025, 9, 5)) == "2025年9月5日"
    assert ax.cndate(date(2025, 9, 5), TODAY) == "9月5日"
    assert ax.cndate(date(2024, 9, 5), TODAY) == "2024年9月5日"
    assert ax.cndate(None) == ""


def test_dates_in_english():
    with translation.override("en"):
        assert ax.cndate(date(2025, 10, 13)) == "13 Oct 2025"
        assert ax.cndate(date(2025, 10, 13), TODAY) == "13 Oct"


def test_times_are_alxa_times():
    late = datetime(2025, 10, 12, 16, 5, tzinfo=UTC)
    assert ax.cntime(late, TODAY) == "10月13日 00:05"
    assert ax.cndate(late) == "2025年10月13日"


@pytest.mark.parametrize(
    ("days", "shown"),
    [(2, "还有 2 天"), (1, "明天"), (0, "今天"), (-1, "逾期 1 天"), (-3, "逾期 3 天")],
)
def test_daysleft(days, shown):
    assert show("{% daysleft due %}", due=TODAY + timedelta(days)) == shown


def test_due_is_red_only_while_it_is_owed():
    late = TODAY - timedelta(3)
    assert "逾期 3 天" in show("{% due day %}", day=late)
    assert "is-late" in show("{% due day %}", day=late)
    assert show("{% due day met=True %}", day=late) == "<span>10月10日</span>"
    assert show("{% due day %}", day=None) == "—"


# Forms -----------------------------------------------------------------------------------------
class Sample(forms.Form):
    amount = forms.IntegerField(label="分子", help_text="人数")
    why = forms.CharField(
        label="原因", required=False, max_length=200, widget=forms.Textarea(attrs={"class": "wide"})
    )
    kind = forms.ChoiceField(label="自评", choices=[("A", "按计划")], widget=forms.RadioSelect)
    unit = forms.ChoiceField(label="单位", choices=[("1", "左旗")])
    agreed = forms.BooleanField(label="已核对")
    secret = forms.CharField(label="密码", widget=forms.PasswordInput)
    version = forms.CharField(widget=forms.HiddenInput, required=False)


def test_field_ties_hint_and_error_to_the_input():
    html = show("{% field form.amount %}", form=Sample({"amount": "abc"}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_amount_error id_amount_hint"' in html
    assert 'id="id_amount_error"' in html and 'id="id_amount_hint"' in html
    assert 'value="abc"' in html


def test_field_marks_only_what_is_optional():
    assert "（选填）" in show("{% field form.why %}", form=Sample())
    assert "（选填）" not in show("{% field form.why mark=False %}", form=Sample())
    assert "（选填）" not in show("{% field form.amount %}", form=Sample())


def test_field_keeps_the_widgets_own_class_and_counts_characters():
    html = show("{% field form.why %}", form=Sample())
    assert 'class="form-control wide"' in html and 'data-left-of="id_why"' in html


def test_field_of_choices_is_a_fieldset_with_a_legend():
    html = show("{% field form.kind %}", form=Sample({}))
    assert '<fieldset class="ax-field is-bad" id="id_kind"' in html and "<legend" in html
    assert 'class="form-check-input"' in html and "按计划" in html


def test_field_of_each_kind_gets_its_class():
    form = Sample()
    assert 'class="form-select"' in show("{% field form.unit %}", form=form)
    assert 'class="form-check-input"' in show("{% field form.agreed %}", form=form)
    assert 'data-show="id_secret"' in show("{% field form.secret %}", form=form)
    assert "<label" not in show("{% field form.version %}", form=form)


def test_field_never_gives_a_password_back():
    assert "hunter2" not in show("{% field form.secret %}", form=Sample({"secret": "hunter2"}))


def test_summary_links_every_fault_to_its_field():
    form = Sample({"amount": "abc", "unit": "1", "kind": "A", "agreed": "on", "secret": "x"})
    form.is_valid()
    form.add_error(None, "分子大于分母")
    html = show("{% summary form %}", form=form)
    assert 'href="#id_amount"' in html and "分子大于分母" in html and "还有 2 处要改" in html
    assert 'role="alert"' in html and 'tabindex="-1"' in html


def test_summary_goes_through_formsets():
    formset = formset_factory(Sample)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-amount": "abc"}
    )
    assert 'href="#id_form-0-amount"' in show("{% summary formset %}", formset=formset)


def test_summary_is_silent_without_faults():
    assert show("{% summary form %}", form=Sample()).strip() == ""


# Lists and whole pages -------------------------------------------------------------------------
def test_page_numbers_leave_a_gap():
    page = Paginator(range(1000), 10).page(50)
    assert ax.page_numbers(page) == [1, None, 48, 49, 50, 51, 52, None, 100]


@pytest.mark.parametrize("name", ["500.html", "400.html"])
def test_error_pages_need_nothing_but_themselves(name):
    html = render_to_string(name)
    assert "回首页" in html and "ax-at" not in html
    assert "E7F3A201" in render_to_string(name, {"request_id": "E7F3A201"})
