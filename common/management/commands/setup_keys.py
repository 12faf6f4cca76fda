from django.conf import settings
from django.core.management.base import BaseCommand

from common import keys


class Command(BaseCommand):
    help = (
        "Make var/keys once (0600). An existing file is never touched: data is encrypted with it."
    )
    requires_system_checks = []

    def handle(self, *args, **options):
        made = keys.create(settings.KEYS_FILE)
        self.stdout.write("keys made" if made else "keys are there")
