from typing import Any, ClassVar

from django.db import models

class Device(models.Model):
    objects: ClassVar[models.Manager[Any]]
    user: Any
    user_id: int
    name: models.CharField[str, str]
    confirmed: models.BooleanField[bool, bool]
    def verify_token(self, token: str) -> bool: ...
    class Meta:
        abstract = True

class ThrottlingMixin(models.Model):
    def throttle_reset(self, commit: bool = True) -> None: ...
    def throttle_increment(self, commit: bool = True) -> None: ...
    def verify_is_allowed(self) -> tuple[bool, dict[str, object] | None]: ...
    class Meta:
        abstract = True

class TimestampMixin(models.Model):
    def set_last_used_timestamp(self, commit: bool = True) -> None: ...
    class Meta:
        abstract = True
