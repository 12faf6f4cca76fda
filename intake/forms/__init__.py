"""Forms that we hand out as workbooks: blank, or filled in with what the portal holds.

Both are made from a kind's declaration alone. `layout` draws the sheet, `dictionary` holds what its
drop-downs offer, `filling` turns stored records into lines, `handing_out` is the deed, and `long`
the Job that does it for many lines.
"""

from intake.forms.handing_out import Form, NotAllowed, blank_form, filled_form
from intake.forms.long import ask_for_filled, made_form

__all__ = ["Form", "NotAllowed", "ask_for_filled", "blank_form", "filled_form", "made_form"]
