"""The console's pages about rights: portal settings, roles, the change log, security events."""

from django.contrib import admin

from console import history_pages, restore_page
from permissions.admin import exports, roles, security_events, settings

__all__ = ["exports", "history_pages", "restore_page", "roles", "security_events", "settings"]

# What packages register for themselves and nobody in the office needs; ours would otherwise be found in the search.
for model in list(admin.site._registry):
    if model._meta.app_label == "axes":
        admin.site.unregister(model)
