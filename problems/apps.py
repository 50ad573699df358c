from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    name = "problems"

    def ready(self) -> None:
        from problems import cache  # noqa: PLC0415 - it needs the models, which are there only now

        cache.watch()
