from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "History"

    def ready(self) -> None:
        from audit import among, receivers  # noqa: F401
