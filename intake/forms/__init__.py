"""Forms that we hand out as workbooks: blank, or filled in with what the portal holds.

Both are made from a kind's declaration alone. `layout` draws the sheet, `dictionary` holds what its
drop-downs offer, `filling` turns stored records into lines, `handing_out` is the deed.
"""

from intake.forms.handing_out import Form, NotAllowed, blank_form, filled_form

__all__ = ["Form", "NotAllowed", "blank_form", "filled_form"]
