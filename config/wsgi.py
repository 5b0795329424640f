"""The door for a WSGI server: ``gunicorn -c config/gunicorn.py config.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

from config.env import require_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
require_settings()

application = get_wsgi_application()
