from typing import Any

from django.contrib.admin.checks import ModelAdminChecks
from django.core.checks import CheckMessage

class UnfoldModelAdminChecks(ModelAdminChecks):
    def check(self, admin_obj: Any, **kwargs: Any) -> list[CheckMessage]: ...
