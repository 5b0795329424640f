"""gunicorn's log of requests and of its own troubles, without tokens."""

from __future__ import annotations

from gunicorn.config import Config
from gunicorn.glogging import Logger

from audit.masking import mask_handlers


class MaskingLogger(Logger):
    """gunicorn's own, whose lines pass ``audit.masking``: addresses and referrers hold tokens."""

    def setup(self, cfg: Config) -> None:
        """Sets the logs up as gunicorn does."""
        super().setup(cfg)
        mask_handlers(self.error_log, self.access_log)
