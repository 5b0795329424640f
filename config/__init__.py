from config import zone_rules

# Before anything looks a zone up.
zone_rules.use_the_package()

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
