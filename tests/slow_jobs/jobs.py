import time

from common.jobs import job
from tests.slow_jobs.models import Finish, Step


@job("slow_jobs.count", label="慢慢数")
def count(running, *, steps, pause, **_later):
    """Goes on where an earlier run was killed, as a job that is safe to repeat does."""
    for no in range(steps):
        _step, made = Step.objects.get_or_create(
            job=running.pk, no=no, defaults={"token": running.row.token}
        )
        if made:
            time.sleep(pause)
        running.progress(no + 1, steps)
    Finish.objects.create(job=running.pk, token=running.row.token)
    return {"steps": steps}
