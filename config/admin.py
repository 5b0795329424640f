"""What packages register in the console for themselves is taken out again: their pages know none of our rules.

This app is the last one, so that whatever has a page of ours has it by now.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib import admin

from config import held_pages  # noqa: F401 - its pages

for _model in apps.get_models():
    if admin.site.is_registered(_model):
        _page = admin.site.get_model_admin(_model)
        if not (settings.BASE_DIR / type(_page).__module__.split(".")[0]).is_dir():
            admin.site.unregister(_model)
