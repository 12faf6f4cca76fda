"""The day from which duties are owed holds for every app's: its code no longer names one of them."""

from django.db import migrations

OLD, NEW = "tasks_app.duties_since", "registry.duties_since"


def _rename(old: str, new: str):
    def run(apps, _editor):
        apps.get_model("common", "Option").objects.filter(code=old).update(code=new)

    return run


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0004_displays"),
        ("registry", "0005_match_decisions"),
    ]

    operations = [migrations.RunPython(_rename(OLD, NEW), _rename(NEW, OLD))]
