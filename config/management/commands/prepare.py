"""Brings an installation up to what the code expects. ``bin/run`` calls it at each start."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config import env


class Command(BaseCommand):
    help = "Brings the database and the static files up to date, and loads the demo business into an empty database."
    # They would only repeat what the commands called here check.
    requires_system_checks: list[str] = []

    def handle(self, *args: str, **options: object) -> None:
        self.stdout.write("Bringing the database up to date ...")
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("Collecting the static files ...")
        call_command("collectstatic", interactive=False, verbosity=0)
        if not get_user_model().objects.exists() and env.flag("PORTICO_DEMO", not settings.PRODUCTION):
            call_command("load_demo", stdout=self.stdout)
        elif get_user_model().objects.exists():
            call_command("load_demo", accounts=True, stdout=self.stdout)
        else:
            self.stdout.write(
                "Nobody can sign in yet. Make an administrator: .venv/bin/python manage.py createsuperuser"
            )
