"""Words of the dashboards: `{% load boards %}`."""

from django import template

from dashboard.queries import board
from registry.services import findings

register = template.Library()

register.simple_tag(board.said)
register.simple_tag(board.difference)


@register.simple_tag
def aim_text(place):
    """The target to date of one number."""
    return board.value_text(place.indicator, place.number.standing.target_to_date)


@register.simple_tag
def finding_says(finding):
    return findings.said(finding)
