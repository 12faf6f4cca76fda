from django.conf import settings
from django.core.management.base import BaseCommand

from common import keys


class Command(BaseCommand):
    help = (
        "Make var/keys once (0600). An existing file is never touched: data is encrypted with it."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--print",
            action="store_true",
            dest="show",
            help="write no file: print new keys as lines of an environment file",
        )

    def handle(self, *args, show, **options):
        if show:
            for name, value in keys.fresh().items():
                self.stdout.write(f"{name}={value}")
            return
        made = keys.create(settings.KEYS_FILE)
        self.stdout.write("keys made" if made else "keys are there")
