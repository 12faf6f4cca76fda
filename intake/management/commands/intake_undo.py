"""`manage.py intake_undo`: take a committed upload back."""

import json

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from common import clock
from intake.management.asked import (
    GOOD,
    SOME_REJECTED,
    UNUSABLE,
    CannotUse,
    person,
)
from intake.models import Upload
from intake.services import uploads


class Command(BaseCommand):
    help = "Undo the last commit of an upload: what it inserted goes, what it changed comes back."

    def add_arguments(self, parser):
        parser.add_argument("upload", type=int)
        parser.add_argument("--by", metavar="USERNAME", required=True)
        parser.add_argument("--json", action="store_true")

    def handle(self, **options):
        try:
            code = self.undo(options["upload"], options["by"], options["json"])
        except CannotUse as reason:
            self.stderr.write(str(reason))
            code = UNUSABLE
        if code:
            raise SystemExit(code)

    def undo(self, pk: int, by: str, as_json: bool) -> int:
        user = person(by)
        upload = Upload.objects.visible_to(user).filter(pk=pk).first()
        if upload is None:
            raise CannotUse(_("没有这个批次：%(pk)s") % {"pk": pk})
        try:
            undone = uploads.undo_upload(upload, by=user, at=clock.now())
        except (uploads.NotYours, uploads.CannotUndo):
            raise CannotUse(_("这个批次现在不能撤销：没有提交，或不归这个账号管。")) from None
        left = [
            {"sheet": upload.sheet_name(one.sheet), "row": one.row, "code": one.code}
            for one in undone.left
        ]
        if as_json:
            told = {"upload": pk, "undone": undone.undone, "left": left}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(f"undone: {undone.undone}")
            for one in left:
                self.stdout.write(f"left {one['sheet']}!{one['row']} {one['code']}")
        return SOME_REJECTED if left else GOOD
