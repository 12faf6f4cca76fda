"""Values that a sheet put into the draft of a report: where they came from, what they replaced."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.children import Sourced
from tasks_app.models.plan import Indicator
from tasks_app.models.reports import ProgressReport


class ImportedValue(Sourced):
    """One indicator's fields in a draft as a sheet wrote them: {field: text} before and after.

    A draft belongs to people, who may write on: an undo puts back only what still stands as it was
    imported. `standing` is what the record of the import sets back; then the texts follow, and the
    row goes. A field that the draft did not have is None in `before`.
    """

    report = models.ForeignKey(
        ProgressReport, models.PROTECT, related_name="imported", verbose_name=_("进展报告")
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    before = models.JSONField(_("之前"), default=dict)
    after = models.JSONField(_("之后"), default=dict)
    begun = models.BooleanField(_("报告由导入建立"), default=False)
    standing = models.BooleanField(_("有效"), default=True)

    class Meta:
        verbose_name = _("导入的指标值")
        verbose_name_plural = _("导入的指标值")

    def __str__(self):
        return f"{self.indicator_id} {self.report_id}"

    def is_in(self, draft: dict) -> bool:
        """Does a draft still say what the sheet said?"""
        return all(draft.get(name, "") == text for name, text in self.after.items())
