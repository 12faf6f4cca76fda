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


WIDE, HIGH, RIM = 72, 24, 2  # of the small line, in the units of its picture


@register.inclusion_tag("components/spark.html")
def spark(values):
    """A small line of the latest values; missing ones are gaps. Decoration: the numbers stand beside."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return {"parts": []}
    low, span = min(known), max(known) - min(known)
    step = (WIDE - 2 * RIM) / (len(values) - 1)

    def point(number, value):
        height = float((value - low) / span) if span else 0.5
        return f"{RIM + number * step:.1f}", f"{HIGH - RIM - height * (HIGH - 2 * RIM):.1f}"

    parts = [[]]
    for number, value in enumerate(values):
        if value is None:
            parts.append([])
        else:
            parts[-1].append(point(number, value))
    parts = [part for part in parts if part]
    return {"parts": [" ".join(map(",".join, part)) for part in parts], "last": parts[-1][-1]}
