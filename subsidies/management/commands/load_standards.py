from django.core.management.base import BaseCommand

from subsidies.services.standards import load_standards


class Command(BaseCommand):
    help = "Load the programmes and standards of student aid. A second run changes nothing."

    def handle(self, *args, **options):
        programmes, standards = load_standards()
        self.stdout.write(f"{programmes} new programmes, {standards} new standards")
