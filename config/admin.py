"""What packages register in the console for themselves is taken out again: their pages know none of our rules.

This app is the last one, so that whatever has a page of ours has it by now.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin

for _model, _page in list(admin.site._registry.items()):
    if not (settings.BASE_DIR / type(_page).__module__.split(".")[0]).is_dir():
        admin.site.unregister(_model)
