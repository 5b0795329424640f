"""The pages of the console itself: roles, exports, the change log, taking back, security events."""

from django.contrib import admin

from console import history_pages, restore_page
from console.admin import exports, roles, security_events

__all__ = ["exports", "history_pages", "restore_page", "roles", "security_events"]

# What packages register for themselves and nobody in the office needs; ours would otherwise be found in the search.
for model in list(admin.site._registry):
    if model._meta.app_label == "axes":
        admin.site.unregister(model)
