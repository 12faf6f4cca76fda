"""How pages name an upload's kind, state and next step. `{% load intake %}`"""

from django import template
from django.urls import reverse

from common.templatetags.ax import status
from intake import tables

register = template.Library()

register.filter("kind_title", tables.kind_title)
register.simple_tag(tables.next_step, name="next_step")


@register.inclusion_tag("components/status.html")
def upload_status(upload, tag=False):
    look, word = tables.look_of(upload)
    return status(look, word, tag=tag)


@register.simple_tag
def row_address(upload, finding) -> str:
    """Where the line of a finding is shown as it stands in the original."""
    if not upload.file_key or not finding.row or finding.sheet not in upload.sheets:
        return ""
    sheet = upload.sheets.index(finding.sheet) + 1
    return reverse("intake:upload-row", args=[upload.pk, sheet, finding.row])
