from django.db import models


class Step(models.Model):
    """A step that was done, by the runner of this token."""

    job = models.BigIntegerField()
    no = models.PositiveIntegerField()
    token = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "no"], name="slow_step_once")]

    def __str__(self):
        return f"{self.job} {self.no}"


class Finish(models.Model):
    """Written by every run that came to its end."""

    job = models.BigIntegerField()
    token = models.CharField(max_length=32)

    def __str__(self):
        return str(self.job)
