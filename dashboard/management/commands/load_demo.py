from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common import clock
from common.models import Option, User
from dashboard.demo.people import PASSWORD, PEOPLE, load_people
from tasks_app.services.duties import open_progress_duties

DAY = "demo.day"


class Command(BaseCommand):
    help = "Demonstration accounts and data, only with PORTAL_DEMO=1. A second run changes nothing."

    @transaction.atomic
    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("Demonstration sign-ins are public: set PORTAL_DEMO=1 to load them")
        kept = Option.objects.filter(code=DAY).first()
        day = date.fromisoformat(kept.value) if kept else clock.today()
        people = load_people(day)
        if kept is None:
            Option.objects.create(
                code=DAY,
                value=day.isoformat(),
                changed_by=User.objects.get(username="sysadmin"),
                changed_at=clock.now(),
            )
        duties = open_progress_duties(since=date(day.year, 1, 1), on=day)
        self.stdout.write(f"demonstration of {day}: {people} new accounts, {duties} new duties")
        self.stdout.write(f"sign in as {', '.join(p[0] for p in PEOPLE)} with {PASSWORD}")
