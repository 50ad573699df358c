from django.apps import AppConfig


class ExecutionConfig(AppConfig):
    name = "execution"

    def ready(self) -> None:
        """Register the system checks and who listens to signals."""
        from execution import checks, withdrawal  # noqa: F401, PLC0415 - they need the apps to be loaded
