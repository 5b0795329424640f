"""``manage.py why cora@example.com cancel_jobs --job J-000123``: yes or no, and the chain of reasons."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Customer, PortalUser
from business.catalogue import PORTAL_PERMISSIONS
from console.errors import UnknownPermission
from console.reader import UNLIMITED
from jobs.models import Job
from permissions.explain import explain

MARKS = {True: "✓", False: "✗", None: "·"}


class Command(BaseCommand):
    help = (
        "Says whether a portal user may do something, and why. Exit code 0 for yes, 1 for no, 2 for a wrong question."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the portal user's e-mail address")
        parser.add_argument("permission", help="one of: " + ", ".join(PORTAL_PERMISSIONS))
        about = parser.add_mutually_exclusive_group()
        about.add_argument("--job", metavar="REF", help="a job's number, or external:ID")
        about.add_argument("--customer", metavar="REF", help="a customer's external ID or exact name")

    def handle(self, *args: str, **options: Any) -> None:
        person = PortalUser.objects.select_related("user").filter(user__email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"There is no portal user with the address {options['email']}.", returncode=2)
        record = self._record(options)
        try:
            explanation = explain(person, options["permission"], record, UNLIMITED)
        except UnknownPermission as problem:
            raise CommandError(f"{problem} There are: {', '.join(PORTAL_PERMISSIONS)}.", returncode=2) from None
        yes = explanation.decision.allowed
        about = f" {record}" if record is not None else ""
        style = self.style.SUCCESS if yes else self.style.ERROR
        self.stdout.write(style(f"{'Yes' if yes else 'No'}: {person}, {options['permission']}{about}"))
        for step in explanation.steps:
            self.stdout.write(f"  {MARKS[step.met]} {step.text}")
        if not yes:
            sys.exit(1)

    def _record(self, options: dict[str, str | None]) -> Job | Customer | None:
        if reference := options["job"]:
            key = {"external_id": reference[9:]} if reference.startswith("external:") else {"number": reference.upper()}
            job = Job.objects.filter(**key).first()
            if job is None:
                raise CommandError(f"There is no job {reference}.", returncode=2)
            return job
        if reference := options["customer"]:
            found = Customer.objects.filter(external_id=reference) or Customer.objects.filter(name_key=reference)
            if len(found) != 1:
                raise CommandError(f"There are {len(found)} customers {reference}.", returncode=2)
            return found[0]
        return None
