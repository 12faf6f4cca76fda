"""What the list of files needs to name its subject. `{% load files %}`"""

from django import template

register = template.Library()


@register.filter
def subject_code(thing) -> str:
    """The code under which the register of subjects knows a thing."""
    return thing._meta.label_lower


@register.filter
def part_id(thing, purpose) -> str:
    """The id of the part of a page that holds the files of a thing for a purpose."""
    return f"files-{thing._meta.model_name}-{thing.pk}-{purpose}".replace(".", "-")
