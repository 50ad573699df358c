import django.core.validators
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from problems.content import tags_of


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    problems = apps.get_model("problems", "Problem").objects.filter(version__isnull=False)
    for problem in problems.select_related("version").only("version__credits_json").iterator():
        problem.tags = tags_of(problem.version.credits_json.get("keywords", []))
        problem.save(update_fields=["tags"])


class Migration(migrations.Migration):
    dependencies = [("problems", "0002_test_count")]

    operations = [
        migrations.AddField(
            "problem",
            "tags",
            models.JSONField(blank=True, default=list, help_text="A list of words, at first the package's keywords."),
        ),
        migrations.AddField(
            "problem",
            "difficulty",
            models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10),
                ],
                help_text="From 1 to 10. Empty: estimated by how many of those who try solve it.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
