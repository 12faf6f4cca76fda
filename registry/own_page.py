"""One's postings, on one's own page."""

from common import clock
from common.own_page import panel
from registry.roles import ADMINISTRATORS
from registry.services.people import own_postings


@panel
def postings(user):
    today = clock.today()
    rows = [
        {
            "posting": posting,
            "in_force": posting.is_in_force(today),
            "may_pass_on": posting.is_in_force(today)
            and posting.deputy_for_id is None
            and posting.role not in ADMINISTRATORS,
        }
        for posting in own_postings(user, today)
    ]
    return {"template": "registry/_my_postings.html", "rows": rows}
