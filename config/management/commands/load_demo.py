"""Loads the demo business into an empty database, and prints the accounts."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Customer, User
from config.demo import business
from config.demo.loading import load_demo
from jobs.models import Job, PortalLink


class Command(BaseCommand):
    help = "Loads the demo business (Harbour Bins) into an empty database and prints the accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is data already")
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")

    def handle(self, *args: str, **options: Any) -> None:
        if options["accounts"]:
            self._print_accounts()
            return
        if User.objects.exists() or Customer.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There is data already. The demo goes into an empty database only.")
        self.stdout.write("Making the demo business …")
        load_demo()
        self.stdout.write(
            f"Harbour Bins has {Customer.objects.count()} customers and {Job.objects.count()} jobs.", self.style.SUCCESS
        )
        self._print_accounts()

    def _print_accounts(self) -> None:
        known = set(User.objects.values_list("email", flat=True))
        accounts = [account for account in business.ACCOUNTS if account.email in known]
        if not accounts:
            return
        self.stdout.write(f"Accounts of the demo, all with the password {business.PASSWORD}:")
        for account in accounts:
            where = "/admin/" if account.is_staff else "/"
            self.stdout.write(f"  {account.email:<26} {where:<8} {account.what}")
        link = PortalLink.objects.alive().filter(job__contact_email__startswith="gita@").select_related("job").first()
        if link is not None:
            self.stdout.write(f"Gita, a guest without an account: {link.url} (answer {link.job.contact_email})")
