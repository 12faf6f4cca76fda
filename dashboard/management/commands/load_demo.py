from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common import clock, figures
from common.models import Option, User
from common.periods import Kind, Period
from dashboard.demo.aid import load_aid
from dashboard.demo.cases import load_cases
from dashboard.demo.children import load_children
from dashboard.demo.history import load_history, load_targets
from dashboard.demo.ledgers import load_ledgers
from dashboard.demo.numbers import Numbers
from dashboard.demo.people import PASSWORD, PEOPLE, load_people
from dashboard.demo.reports import load_reports
from dashboard.demo.rules import load_rules
from registry.services.duties import reporting_units
from subsidies.services.standards import load_standards
from tasks_app.models import Plan
from tasks_app.services.duties import begin_duties

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
        children = load_children(day)
        load_standards()
        latest = Period.of(Kind.QUARTER, day).previous()
        since = latest.previous().previous().start
        sysadmin = User.objects.get(username="sysadmin")
        duties = begin_duties(by=sysadmin, since=since, on=day)
        plan = Plan.objects.running().earliest("start_year")
        numbers = Numbers(
            start_year=plan.start_year,
            target_year=plan.target_year,
            latest=latest,
            units=reporting_units(day),
        )
        values = load_history(plan, numbers, since=since, day=day)
        targets = load_targets(plan, day=day)
        reports = load_reports(plan, numbers, day=day)
        with figures.told_at_the_end():
            cases, rows = load_cases(day), load_ledgers(day)
            aid = load_aid(day)
        if values or targets or reports or children or cases:  # not through the deeds one by one
            load_rules(at=clock.now(), on=clock.today())
        self.stdout.write(f"demonstration of {day}: {people} new accounts, {duties} new duties")
        self.stdout.write(f"{children} new children in the demonstration's schools")
        self.stdout.write(f"{cases} children out of school, {rows} rows of lists about them")
        self.stdout.write(f"{aid} children who applied for aid, with what was paid to them")
        self.stdout.write(f"{values} past values, {targets} targets, {reports} new reports")
        self.stdout.write(f"sign in as {', '.join(p[0] for p in PEOPLE)} with {PASSWORD}")
