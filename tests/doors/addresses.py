"""Every address of the project, with every key there is and what may stand behind its question mark.

The addresses come from the project itself (``tests.permissions.matrix_world``, the API's document), their keys from
the database, the filters of a list from its page: a new one is taken in by itself. What a page of its own reads from
its address stands in ``_questions``; a new argument in an address, in ``_values``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import BooleanField
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from alerts.models import Delivery
from audit import changelog
from audit.act import Source
from jobs.models import JobFile
from tests.api.examples import operations
from tests.doors.rows import Guard, Rows
from tests.doors.texts import STEM
from tests.doors.world import World
from tests.permissions.matrix_world import addresses

# No record has this key.
NEVER = 987654321
# Addresses whose GET ends the session they are asked in, or is of no interest here, and why.
LEFT_OUT = {
    "admin:logout": "ends the session",
    "portal_site:logout": "ends the session",
    "admin:jsi18n": "the words of the scripts, the same for everybody",
    "portal_site:brand_css": "colours",
}


@dataclass(frozen=True)
class Ask:
    """One request. ``name``: of the address; ``key``: of the record it is about; ``typed``: words that stand in it,
    which an answer may repeat; ``api``: sent with a token."""

    name: str
    path: str
    key: str = ""
    typed: frozenset[str] = frozenset()
    api: bool = False
    data: tuple[tuple[str, str], ...] | None = None

    def __str__(self) -> str:
        return f"{'GET' if self.data is None else 'POST'} {self.path}"


class Addresses:
    """What can be asked of a world, in a fixed order.

    Of records that are alike (of one kind, of the same customer and template, in the same state) one is asked about.
    """

    def __init__(self, world: World, rows: Rows) -> None:
        self.world, self.rows = world, rows
        self.guard = Guard(world, rows)
        self.pages: dict[str, Any] = {
            f"admin:{model._meta.app_label}_{model._meta.model_name}_": page
            for model, page in admin.site._registry.items()
        }
        self.today = timezone.localdate()
        self._columns: dict[tuple[str, str], list[Any]] = {}

    def all(self) -> Iterator[Ask]:
        """Everything there is to ask."""
        yield from self.plain()
        yield from self.lists()
        yield from self.api()

    # --- every address with every key

    def plain(self) -> Iterator[Ask]:
        """Every address of the console and of the companion site, with every key, and with what it may be asked."""
        for name, arguments in addresses().items():
            if name in LEFT_OUT:
                continue
            for values in self.values_for(name, arguments):
                path = reverse(name, kwargs=values)
                key = "/".join(str(value) for value in values.values())
                typed = self._typed(path)
                yield Ask(name, path, key, typed)
                for question in self._questions(name, values):
                    query = urlencode(question, doseq=True)
                    yield Ask(name, f"{path}?{query}", key, typed | self._typed(query))

    def _typed(self, text: str) -> frozenset[str]:
        return frozenset(self.world.texts.words_in(text))

    def values_for(self, name: str, arguments: list[str]) -> Iterator[dict[str, Any]]:
        """Each set of values that the arguments of an address may have."""
        if set(arguments) == {"object_id", "reference"}:
            for job, reference in JobFile.objects.order_by("pk").values_list("job", "reference"):
                yield {"object_id": job, "reference": reference}
            return
        if set(arguments) == {"keep", "drop"}:
            keys = [customer.pk for customer in self.customers()]
            for keep, drop in itertools.permutations(keys, 2):
                yield {"keep": keep, "drop": drop}
            return
        makers = [self._values(name, argument) for argument in arguments]
        for values in itertools.product(*makers):
            yield dict(zip(arguments, values, strict=True))

    def _values(self, name: str, argument: str) -> list[Any]:
        values: dict[str, Callable[[], list[Any]]] = {
            "object_id": lambda: self.keys_of(name),
            "request_id": self.request_ids,
            "number": lambda: [*self._column("jobs.Job", "number"), "J-999999"],
            "invoice": lambda: [
                *filter(None, self._column("billing.Invoice", "number")),
                *self._column("billing.Invoice", "reference"),
                "R-1999-000001",
            ],
            "payment": lambda: [*self._column("billing.Payment", "reference"), "nothing"],
            "slug": lambda: self._column("templates_app.JobTemplate", "slug"),
            "kind": lambda: ["jobs", "customers", "portal_users"],
            "reference": lambda: ["no-such-file", *self._column("jobs.JobFile", "reference")[:2]],
            "uidb64": lambda: ["x"],
            "token": lambda: self._tokens(name),
        }
        assert argument in values, (
            f"{name} has an argument “{argument}”: say in tests/doors/addresses.py what fills it."
        )
        return values[argument]()

    def model_of(self, name: str) -> type[models.Model]:
        """The kind of record that a page of the console is about."""
        return self.pages[max((one for one in self.pages if name.startswith(one)), key=len)].model  # type: ignore[no-any-return]

    def keys_of(self, name: str) -> list[int]:
        """The keys of the records a page of the console is about, and one of none."""
        return [*self._column(self.model_of(name)._meta.label, "pk"), NEVER]

    def _column(self, label: str, field: str) -> list[Any]:
        """A column of a table, of one record of each sort."""
        if (label, field) not in self._columns:
            model = apps.get_model(label)
            sorts: dict[Any, Any] = {}
            for key, row in sorted(self.rows.tables[model].items()):
                state = row.get("status") or row.get("state") or row.get("is_active")
                sorts.setdefault((self.guard.where(model, key), state), row)
            column = model._meta.pk.attname if field == "pk" else model._meta.get_field(field).attname  # type: ignore[union-attr]
            self._columns[label, field] = [row[column] for row in sorts.values()]
        return self._columns[label, field]

    def _tokens(self, name: str) -> list[str]:
        """Those of Colm and of a job for A from T1: a token opens what it is of to whoever holds it."""
        job = self.world.jobs["A/T1 planned"]
        if "join" in name or "invitation" in name:
            return [self.world.colm.user.invitations.get().token]
        if name == "alerts:stop":
            return [Delivery.objects.filter(job=job).exclude(channel="console")[0].token]
        return ["x-x"] if "password" in name else [job.portal_links.get().token]

    def request_ids(self) -> list[str]:
        """Every request that history knows."""
        found: dict[str, None] = {}
        for model in changelog.tracked_models():
            history = changelog.history_of(model).order_by("history_id")
            found |= dict.fromkeys(map(str, history.values_list("request_id", flat=True)))
        return list(found)

    def customers(self) -> list[Any]:
        """All customers there are."""
        return list(apps.get_model("accounts.Customer")._base_manager.order_by("pk"))

    # --- what pages of their own read from their address

    def _questions(self, name: str, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        people = self._column("accounts.PortalUser", "pk")
        customers = self._column("accounts.Customer", "pk")
        numbers = self._column("jobs.Job", "number")
        slugs = self._column("templates_app.JobTemplate", "slug")
        workers = self._column("accounts.Worker", "pk")
        days = [str(self.today + timedelta(days=n)) for n in (-2, 0, 5, 8)]
        match name:
            case "admin:changelog":
                yield from self._log_questions()
            case "admin:why":
                yield from ({"person": one} for one in people)
                yield from ({"job": number} for number in numbers)
                codes = ("edit_jobs", "cancel_jobs", "set_alerts", "view_map")
                yield from ({"person": one, "permission": code} for one in people for code in codes)
                for one, customer in itertools.product(people, customers):
                    yield {"person": one, "customer": customer, "permission": "cancel_jobs"}
                for one, number in itertools.product(people[:4], numbers):
                    yield {"person": one, "job": number, "permission": "edit_jobs"}
            case "admin:accounts_portaluser_rights":
                moments = [timezone.localtime() - timedelta(days=n) for n in (1, 5, 9)]
                yield from ({"at": f"{at:%Y-%m-%dT%H:%M}"} for at in moments)
                yield from ({"other": one} for one in people)
                yield {"other": people[0], "at": f"{moments[0]:%Y-%m-%dT%H:%M}"}
            case "admin:accounts_portaluser_set_permission" | "admin:accounts_portaluser_reset_override":
                links = apps.get_model("accounts.CustomerLink")._base_manager.filter(portal_user=values["object_id"])
                for code in ("edit_jobs", "cancel_jobs", "view_map"):
                    yield {"permission": code}
                    yield from ({"permission": code, "level": key} for key in links.values_list("pk", flat=True))
                yield from (
                    {"permission": "cancel_jobs", "level": key} for key in self._column("accounts.CustomerLink", "pk")
                )
            case "admin:accounts_customerlink_set_permission":
                yield from ({"permission": code} for code in ("edit_jobs", "cancel_jobs"))
            case "admin:accounts_portaluser_add":
                yield from ({"customer": key} for key in customers)
            case "admin:jobs_job_add":
                for slug in slugs:
                    yield {"template": slug}
                    yield from ({"template": slug, "customer": key} for key in customers)
                yield {"template": slugs[0], "new_customer": "Somebody new"}
            case "admin:jobs_schedule":
                for view, day in itertools.product(("day", "week"), days):
                    yield {"view": view, "day": day}
                    yield {"view": view, "day": day, "q": STEM}
                    yield from ({"view": view, "day": day, "template": slug} for slug in slugs)
                    yield from ({"view": view, "day": day, "worker": key} for key in workers)
            case "admin:jobs_map":
                for part, day in itertools.product(("", "list"), days):
                    yield {"part": part, "day": day}
                    for colour in ("status", "worker", "template"):
                        yield {"part": part, "day": day, "colour": colour}
                    yield from ({"part": part, "day": day, "template": slug} for slug in slugs)
                    yield from ({"part": part, "day": day, "worker": key} for key in workers)
            case "admin:jobs_series_preview":
                rule = {"rule1_kind": "day", "rule1_every": 1, "starts_on": days[1]}
                for key in self._column("jobs.Series", "pk"):
                    yield {"series": key}
                    yield rule | {"series": key}
            case "admin:accounts_worker_positions":
                yield from ({"day": day} for day in days)
            case "console_search" | "admin:search":
                yield from ({"s": word} for word in [STEM, *self._some_words()])
            case "admin:autocomplete":
                yield from self._autocomplete_questions()
            case "admin:alerts_alert_add":
                yield {"event": "job.created"}
            case "admin:imports_importrun_mapping":
                yield from ({"mapping": key} for key in self._column("imports.ImportMapping", "pk"))
            case "admin:imports_importrun_change" | "admin:imports_importrun_rows" | "admin:imports_importrun_remedy":
                yield from ({"page": 1, "result": state} for state in ("", "made", "failed", "changed", "skipped"))
            case "admin:jobs_job_remove_file":
                yield from ({"file": reference} for reference in self._column("jobs.JobFile", "reference"))
            case "portal_site:jobs" | "portal_site:export_jobs":
                yield {"q": STEM}
                yield from ({"customer": key} for key in customers)
                yield from ({"template": key} for key in slugs)
            case "portal_site:accounts":
                yield {"q": STEM}
            case "portal_site:map":
                yield {"part": "list"}
            case "portal_site:new_job":
                yield from ({"again": number} for number in numbers)

    def _log_questions(self) -> Iterator[dict[str, Any]]:
        kinds = [model._meta.label_lower for model in changelog.tracked_models()]
        questions: list[dict[str, Any]] = [{}]
        questions += [{"model": kind} for kind in kinds]
        questions += [{"kind": kind} for kind in "+~-"]
        questions += [{"source": source} for source in Source.values]
        questions += [{"person": who} for who in ("Dana", "Olivia", "Ines", STEM)]
        questions += [{"words": word} for word in [STEM, *self._some_words()]]
        questions += [{"customer": key} for key in self._column("accounts.Customer", "pk")]
        questions += [{"since": str(self.today - timedelta(days=n))} for n in (1, 8)]
        questions += [{"until": str(self.today - timedelta(days=n))} for n in (1, 8)]
        questions += [{"request": one} for one in self.request_ids()[::5]]
        for question in questions:
            yield question
            if not set(question) - {"customer", "person"}:
                yield question | {"export": "csv"}

    def _some_words(self) -> list[str]:
        """One word of each sort of record, of each customer and template."""
        return list({(text.customers, text.templates, text.owner): text.word for text in self.world.texts}.values())

    def _autocomplete_questions(self) -> Iterator[dict[str, Any]]:
        searchable = {model for model, page in admin.site._registry.items() if page.search_fields}
        for model in apps.get_models():
            for field in [*model._meta.get_fields()]:
                if isinstance(field, models.ForeignKey | models.ManyToManyField) and field.related_model in searchable:
                    who = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
                    for term in ("", STEM):
                        yield who | {"field_name": field.name, "term": term}

    # --- lists

    def lists(self) -> Iterator[Ask]:
        """Every list: searched for every record, by every filter with every value; and as a file."""
        request = RequestFactory().get("/")
        request.user = self.world.olivia
        for prefix, page in self.pages.items():
            name = f"{prefix}changelist"
            for query in self._queries(page, request):
                said = urlencode(query)
                yield Ask(name, f"{reverse(name)}?{said}", "", self._typed(said))
                if query.get("q", STEM) != STEM:
                    continue
                file = f"{prefix}export"
                columns = dict.fromkeys(self._export_fields(page, request), "on")
                data = tuple((columns | {"format": "0", "resource": "0"}).items())
                yield Ask(file, f"{reverse(file)}?{said}", "", self._typed(said), data=data)

    @staticmethod
    def _export_fields(page: Any, request: Any) -> list[str]:
        """All columns a list may be had with."""
        form = page.export_form_class(page.get_export_formats(), page.get_export_resource_classes(request))
        return [name for name in form.fields if name not in ("format", "resource", "export_items")]

    def _queries(self, page: Any, request: Any) -> Iterator[dict[str, Any]]:
        yield {}
        if page.search_fields:
            yield from ({"q": word} for word in [STEM, *self._some_words()])
        yield from ({"o": order} for order in (1, -2))
        for spec in page.get_changelist_instance(request).filter_specs:
            for parameter in spec.expected_parameters():
                yield from ({parameter: value} for value in self.values_of(spec, parameter))

    def values_of(self, spec: Any, parameter: str) -> list[Any]:
        """What a filter may be asked for: its choices; each key of the records it filters by, and one of none."""
        field = getattr(spec, "field", None)
        if field is not None and field.remote_field is not None:
            related = field.related_model._base_manager.order_by("pk").values_list("pk", flat=True)
            return [*related, NEVER] if not parameter.endswith("isnull") else ["True", "False"]
        if choices := getattr(spec, "lookup_choices", None):
            return [choice[0] for choice in choices]
        if isinstance(field, BooleanField):
            return ["0", "1"]
        if field is not None and field.flatchoices:
            return [value for value, _label in field.flatchoices]
        return [str(self.today - timedelta(days=n)) for n in (0, 9)]

    # --- the API

    def api(self) -> Iterator[Ask]:
        """Everything that is read by the API, with every reference."""
        for operation in operations():
            method, _blank, address = operation.partition(" ")
            if method != "GET":
                continue
            for path in self.api_paths(address):
                yield Ask(f"api {operation}", path, path, self._typed(path), api=True)
                for question in self._api_questions(address):
                    query = urlencode(question)
                    yield Ask(f"api {operation}", f"{path}?{query}", path, self._typed(path + query), api=True)

    def api_paths(self, address: str) -> list[str]:
        """An address of the API with each reference in its place."""
        places = re.findall(r"{(\w+)}", address)
        if not places:
            return [address]
        label, field = next(
            (found for part, found in API_REFERENCES.items() if address.startswith(f"/api/v1/{part}/")), ("", "")
        )
        assert label, f"Say in tests/doors/addresses.py what a reference in {address} is."
        values = [*self._column(label, field), NEVER]
        more = {"key": "x", "day": str(self.today + timedelta(days=3))}
        return [
            re.sub(r"{(\w+)}", lambda found, value=value: str(more.get(found[1], value)), address) for value in values
        ]

    def _api_questions(self, address: str) -> Iterator[dict[str, Any]]:
        if address.endswith("/jobs"):
            yield {"q": STEM}
            yield from ({"customer": key} for key in self._column("accounts.Customer", "pk"))
            yield from ({"template": slug} for slug in self._column("templates_app.JobTemplate", "slug"))
            yield from ({"worker": key} for key in self._column("accounts.Worker", "pk"))
            yield from ({"series": key} for key in self._column("jobs.Series", "pk"))
        elif address.endswith("/customers"):
            yield {"q": STEM}


API_REFERENCES = {
    "jobs": ("jobs.Job", "number"),
    "customers": ("accounts.Customer", "pk"),
    "templates": ("templates_app.JobTemplate", "slug"),
    "workers": ("accounts.Worker", "pk"),
    "series": ("jobs.Series", "pk"),
    "links": ("jobs.PortalLink", "pk"),
    "invoices": ("billing.Invoice", "reference"),
    "payments": ("billing.Payment", "reference"),
    "portal-links": ("jobs.PortalLink", "pk"),
    "worker/jobs": ("jobs.Job", "number"),
}
