from django.db import models

class _Access(models.Model):
    user_agent: models.CharField[str, str]
    ip_address: models.GenericIPAddressField[str | None, str | None]
    username: models.CharField[str | None, str | None]
    path_info: models.CharField[str, str]
    http_accept: models.CharField[str, str]

class AccessAttempt(_Access):
    get_data: models.TextField[str, str]
    post_data: models.TextField[str, str]
    failures_since_start: models.PositiveIntegerField[int, int]

class AccessFailureLog(_Access): ...
class AccessLog(_Access): ...
