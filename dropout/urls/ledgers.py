from django.urls import path

from dropout.views import ledgers

urlpatterns = [
    path("ledgers/", ledgers.ledger_list, name="ledger-list"),
    path("ledgers/school-age/", ledgers.ledger_school_age, name="ledger-school-age"),
    path("ledgers/suspected/", ledgers.ledger_suspected, name="ledger-suspected"),
    path("ledgers/dropouts/", ledgers.ledger_dropouts, name="ledger-dropouts"),
    *(
        path(
            f"ledgers/{slug}/search/",
            ledgers.ledger_search,
            {"ledger": slug},
            name=f"ledger-{slug}-search",
        )
        for slug in ledgers.PAGES
    ),
]
