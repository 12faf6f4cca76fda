import json

from django.core.management.base import BaseCommand

from common import clock
from tasks_app.services.standings import recompute


class Command(BaseCommand):
    help = "Compute all standings from scratch. A second run writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args, **options):
        counts = recompute.recompute_all(at=clock.now(), on=clock.today()).as_json()
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write(
            "{standings} standings: {written} written, {removed} removed, "
            "{unchanged} unchanged".format(**counts)
        )
        if counts["faults"]:
            self.stdout.write(f"could not be computed: {', '.join(counts['faults'])}")
