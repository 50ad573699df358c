from django.apps import AppConfig


class ExecutionConfig(AppConfig):
    name = "execution"

    def ready(self) -> None:
        """Register the system checks."""
        from execution import checks  # noqa: F401, PLC0415 - checks need the apps to be loaded
