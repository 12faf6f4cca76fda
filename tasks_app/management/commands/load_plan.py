from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from common import clock
from registry.services.setup import load_calendar
from registry.services.units import BadUnitFile, load_units
from tasks_app.services.catalogue import DATA, BadPlanFile, load_plan
from tasks_app.services.duties import open_begun_duties


class Command(BaseCommand):
    help = "Load units, the working-day calendar and a plan. A second run changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, default=DATA, help="a plan's TOML file")
        parser.add_argument(
            "--update", action="store_true", help="let the file's words replace edited ones"
        )

    def handle(self, *args, file, update, **options):
        if not file.exists():
            raise CommandError(f"{file}: no such file")
        try:
            units = load_units()
            days = load_calendar()
            plan, changed = load_plan(file, update=update)
        except (BadPlanFile, BadUnitFile) as fault:
            raise CommandError(str(fault)) from None
        if changed:
            open_begun_duties(on=clock.today())
        self.stdout.write(
            f"{plan.code}: {plan.work_items.count()} tasks, "
            f"{'changed' if changed else 'nothing new'}; {units} new units, {days} new days"
        )
