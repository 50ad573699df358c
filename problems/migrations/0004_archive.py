from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("problems", "0003_tags")]

    operations = [
        migrations.AddField(
            "problemversion",
            "archive",
            models.CharField(
                blank=True, default="", max_length=64, help_text="The blob of the package itself; empty: not kept."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "problemversion",
            "notes_json",
            models.JSONField(default=list, help_text="What its import found odd."),
        ),
    ]
