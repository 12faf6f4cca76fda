from uuid import uuid4

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tasks_app", "0006_quality"),
    ]

    operations = [
        migrations.AddField(
            model_name="reckoning",
            name="version",
            field=models.UUIDField(default=uuid4, verbose_name="改动标记"),
        ),
    ]
