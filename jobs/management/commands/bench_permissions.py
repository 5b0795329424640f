"""``manage.py bench_permissions --users 10000``: queries and times of the sheet, the preview and the resolver.

Everything is made in one transaction and rolled back: nothing of it stays.
"""

from __future__ import annotations

import itertools
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.choices import PortalUserState
from accounts.models import Customer, CustomerLink, PortalUser, User
from business.catalogue import PORTAL_PERMISSIONS
from business.models import PortalSettings
from console.reader import UNLIMITED
from permissions import impact
from permissions.effective import effective_rights_of
from permissions.explain import explain
from permissions.models import PermissionOverride
from permissions.resolver import decide, rights_of


class Command(BaseCommand):
    help = "Prints queries and times of the effective rights, the effect preview and the resolver."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=int, default=10_000, help="how many portal users to make (default 10000)")

    def handle(self, *args: str, **options: Any) -> None:
        with transaction.atomic():
            people = self._make(options["users"])
            self.stdout.write(
                f"{len(people)} portal users, one link each, every tenth with an override; {connection.vendor}"
            )
            self._bench_preview()
            self._bench_one(PortalUser.objects.select_related("user").get(pk=people[0].pk))
            transaction.set_rollback(True)

    def _bench_preview(self) -> None:
        settings = PortalSettings.load()
        opposite = not settings.allows("cancel_jobs")
        settings.default_permissions = {**settings.default_permissions, "cancel_jobs": opposite}
        tables = (User, PortalUser, CustomerLink, PermissionOverride)
        bare = self._measure("bare SELECT of the same rows", lambda: [list(t.objects.values_list()) for t in tables])
        self._measure("preview of a change of the settings", lambda: impact.foresee_settings(settings, UNLIMITED), bare)

    def _bench_one(self, person: PortalUser) -> None:
        row = PortalUser.objects.filter(pk=person.pk)
        bare = self._measure("bare SELECT of one person", lambda: list(row.values_list()))
        customer = Customer.objects.get(links__portal_user=person)
        self._measure("rights of one person", lambda: rights_of(person), bare)
        self._measure("sheet of one person", lambda: effective_rights_of(person, UNLIMITED), bare)
        self._measure("explanation", lambda: explain(person, "cancel_jobs", customer, UNLIMITED), bare)
        rights, codes, times = rights_of(person), list(PORTAL_PERMISSIONS), 100_000
        started = time.perf_counter()
        for n in range(times):
            decide(rights, codes[n % len(codes)], customer)
        each = (time.perf_counter() - started) / times
        self.stdout.write(f"{'decide(), rights at hand':<38} {0:>4} queries {each * 1_000_000:>10.2f} µs each")

    def _make(self, count: int) -> list[PortalUser]:
        names = [f"bench{n}" for n in range(count)]
        users = User.objects.bulk_create([User(email=f"{n}@bench.example", full_name=n) for n in names], 500)
        people = PortalUser.objects.bulk_create([PortalUser(user=u, state=PortalUserState.ACTIVE) for u in users], 500)
        customers = Customer.objects.bulk_create([Customer(name=n) for n in names[:: max(1, count // 2000)]], 500)
        links = zip(people, itertools.cycle(customers), strict=False)
        CustomerLink.objects.bulk_create([CustomerLink(portal_user=p, customer=c) for p, c in links], 500)
        denied = {"permission": "cancel_jobs", "effect": PermissionOverride.Effect.DENY}
        PermissionOverride.objects.bulk_create([PermissionOverride(portal_user=p, **denied) for p in people[::10]], 500)
        return people

    def _measure(self, name: str, what: Callable[[], object], beside: float | None = None) -> float:
        """Runs it twice: once for its queries, once for its time; prints the ratio to ``beside`` (seconds)."""
        with CaptureQueriesContext(connection) as caught:
            what()
        started = time.perf_counter()
        what()
        took = time.perf_counter() - started
        ratio = f"  {took / beside:6.1f} x" if beside else ""
        self.stdout.write(f"{name:<38} {len(caught):>4} queries {took * 1000:>10.1f} ms{ratio}")
        return took
