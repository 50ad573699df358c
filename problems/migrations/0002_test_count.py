from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def count(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for version in apps.get_model("problems", "ProblemVersion").objects.only("test_cases_json").iterator():
        version.test_count = len(version.test_cases_json)
        version.save(update_fields=["test_count"])


class Migration(migrations.Migration):
    dependencies = [("problems", "0001_initial")]

    operations = [
        migrations.AddField(
            "problemversion",
            "test_count",
            models.PositiveIntegerField(default=0, help_text="So that nobody reads them all to count them."),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
