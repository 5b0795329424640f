"""The background worker. Its broker only wakes it: what there is to do stands in the database."""

from __future__ import annotations

import logging
import os

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("portico")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@after_setup_logger.connect
@after_setup_task_logger.connect
def _mask_lines(logger: logging.Logger, **_more: object) -> None:
    """What tasks say by a logger of Celery passes handlers that are not in ``LOGGING``."""
    # This module is imported before there are settings.
    from audit.masking import mask_handlers

    mask_handlers(logger)
