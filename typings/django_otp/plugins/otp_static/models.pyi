from typing import Any, ClassVar

from django.db import models
from django_otp.models import Device

class StaticDevice(Device):
    objects: ClassVar[models.Manager[StaticDevice]]
    _default_manager: ClassVar[models.Manager[StaticDevice]]
    token_set: Any

class StaticToken(models.Model):
    device: models.ForeignKey[StaticDevice, StaticDevice]
    token: models.CharField[str, str]
    objects: ClassVar[models.Manager[StaticToken]]
    @staticmethod
    def random_token() -> str: ...
