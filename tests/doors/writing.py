"""Sending every form with foreign keys in it, and looking at what became of the rows."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from imports.choices import WORKING
from imports.models import ImportRun
from imports.services import work_on_run
from tests.api.examples import EXAMPLES
from tests.doors.addresses import NEVER, Addresses, Ask
from tests.doors.crawl import Browser, Found, said_in
from tests.doors.html import Form, forms_in, relations_in
from tests.doors.readers import Reader
from tests.doors.rows import Guard, Rows
from tests.doors.world import PDF, World

_WRITES = re.compile(r'^\s*(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)
# Made without a statement that we see (audit.bulk), whenever numbers are taken.
MADE_IN_SETS = {"jobs_job", "jobs_historicaljob", "jobs_portallink", "jobs_jobevent"}
# Controls that name a record otherwise than as a choice of a form.
NAMED = {"level": ("accounts.CustomerLink", "pk"), "job": ("jobs.Job", "number"), "token": ("accounts.ApiToken", "pk")}
# Of whoever holds an address, and not of who is signed in.
OPEN_TO_ALL = tuple(
    f"portal_site:{part}" for part in ("guest", "join", "fresh_invitation", "signup", "login", "password")
)
# How many foreign records of a kind are put into one control.
FOREIGN = 3


@dataclass
class Sent:
    """What the forms of one run did."""

    forms: int = 0
    accepted: int = 0
    kinds: set[str] = field(default_factory=set)
    wrongs: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    faults: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)

    def report(self) -> str:
        """Which rows were touched, by address."""
        lines = [f"{name} ({example})" for name, example in sorted(self.faults.items())]
        for address, wrongs in sorted(self.wrongs.items()):
            lines.append(f"\n{address}")
            for wrong, who in sorted(wrongs.items()):
                lines.append(f"  {wrong}\n      by {', '.join(sorted(who)[:6])}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Post:
    """One form to be sent: to which address, with what. ``method``: of the API, where it is no form."""

    name: str
    path: str
    data: dict[str, Any]
    what: str
    method: str = ""


class Writer:
    """One reader who sends forms. What each does is undone before the next."""

    def __init__(self, world: World, addresses: Addresses, reader: Reader, found: Found, sent: Sent) -> None:
        self.world, self.addresses, self.reader, self.found, self.sent = world, addresses, reader, found, sent
        self.guard: Guard = addresses.guard
        self.browser = Browser(reader, world.texts)
        # With the token that was just made for this reader.
        self.guard.rows = Rows.taken()

    # --- which

    def posts_of(self, ask: Ask) -> Iterator[Post]:
        """What can be sent from the page at an address, with foreign records in each place."""
        said, status, answer = self.browser.ask(ask)
        self.found.take(self.reader, ask, self.world.texts, said, status)
        if status != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            return
        relations = relations_in(answer)
        for form in forms_in(answer.content.decode(errors="replace")):
            path = urljoin(ask.path, form.action) if form.action else ask.path
            if "logout" in path or "/language" in path or "i18n" in path:
                continue
            yield from self._variants(ask, path, form, relations)

    def _variants(self, ask: Ask, path: str, form: Form, relations: dict[str, Any]) -> Iterator[Post]:
        data = {**form.filled(), **{name: self._file(ask) for name in form.files}}
        for name, model in relations.items():
            if name in form.required and not any(form.sent.get(name, [])):
                data[name] = [str(key) for key in self._own(model)[:1]]
        buttons = list(dict(form.buttons).items())[:4]
        yield Post(ask.name, path, data, "as it stands")
        for name, value in buttons:
            yield Post(ask.name, path, {**data, name: [value or "on"]}, f"by {name}")
        last = dict(buttons[:1])
        clicked = {name: [value or "on"] for name, value in last.items()}
        for name, model in sorted(relations.items()):
            if "__prefix__" in name:
                continue
            for key in self._foreign(model):
                several = form.types.get(name) == "several"
                yield Post(
                    ask.name,
                    path,
                    {**data, **clicked, name: [*(data.get(name, []) if several else ()), str(key)]},
                    f"{name} = {model._meta.label} of {self.guard.where(model, key)}",
                )
        for name, (label, column) in NAMED.items():
            if name in data and name not in relations:
                for row in self._foreign_rows(label):
                    value = str(row["id" if column == "pk" else column])
                    yield Post(ask.name, path, {**data, **clicked, name: [value]}, f"{name} = foreign {label}")
        if ask.key and path.partition("?")[0] == ask.path.partition("?")[0] and ask.name.startswith("admin:"):
            yield from self._elsewhere(ask, {**data, **clicked})

    def _elsewhere(self, ask: Ask, data: dict[str, Any]) -> Iterator[Post]:
        """The same form, sent to the address of a foreign record."""
        if "/" in ask.key or not ask.key.isdecimal():
            return
        model = self.addresses.model_of(ask.name)
        for key in self._foreign(model):
            path = ask.path.replace(f"/{ask.key}/", f"/{key}/", 1)
            yield Post(ask.name, path, data, f"at the address of {model._meta.label} of {self.guard.where(model, key)}")

    def _file(self, ask: Ask) -> SimpleUploadedFile:
        if "import" not in ask.name:
            return SimpleUploadedFile("paper.pdf", PDF % b"", "application/pdf")
        rows = "".join(
            f"{self.world.templates[template].name},{self.world.customers[customer].name}\n"
            for customer in ("A", "B")
            for template in ("T1", "T2")
        )
        return SimpleUploadedFile("jobs.csv", f"Template,Customer\n{rows}".encode(), "text/csv")

    def _keys(self, model: type[models.Model]) -> list[Any]:
        return self.addresses._column(model._meta.label, "pk") if model in self.guard.rows.tables else []

    def _own(self, model: type[models.Model]) -> list[Any]:
        return [key for key in self._keys(model) if not self.guard.is_unseen(self.reader, model, key)]

    def _foreign(self, model: type[models.Model]) -> list[Any]:
        unseen = [key for key in self._keys(model) if self.guard.is_unseen(self.reader, model, key)]
        return unseen[:FOREIGN]

    def _foreign_rows(self, label: str) -> list[dict[str, Any]]:
        model = next(one for one in self.guard.rows.tables if one._meta.label == label)
        return [self.guard.rows.tables[model][key] for key in self._foreign(model)]

    # --- ticked rows

    def bulk_posts(self) -> Iterator[Post]:
        """Each thing that is done to ticked rows, with foreign rows ticked, and with all of them."""
        request = RequestFactory().get("/")
        request.user = self.reader.user
        for prefix, page in self.addresses.pages.items():
            name = f"{prefix}changelist"
            for action in page.get_actions(request):
                yield from self._ticked(name, reverse(name), page, action)

    def _ticked(self, name: str, path: str, page: Any, action: str) -> Iterator[Post]:
        own, foreign = self._own(page.model)[:2], self._foreign(page.model)
        requested = {"action": [action], "index": ["0"], "select_across": ["0"]}
        for ticked, what in ((own, "own rows"), ([*own, *foreign], "own and foreign rows"), (foreign, "foreign rows")):
            if not ticked:
                continue
            data = requested | {ACTION_CHECKBOX_NAME: [str(key) for key in ticked]}
            yield Post(name, path, data, f"{action}: {what}, asked")
            answer = self._peek(path, data)
            page_text = answer.content.decode(errors="replace") if answer.status_code == 200 else ""
            for form in forms_in(page_text):
                if form.sent.get("action") != [action] or "_selected_action" not in form.sent:
                    continue
                filled = form.filled() | {ACTION_CHECKBOX_NAME: [str(key) for key in [*ticked, *foreign]]}
                buttons = {key: [value or "on"] for key, value in form.buttons[:1]}
                yield Post(name, path, filled | buttons, f"{action}: {what}, done")
                for control, model in sorted(relations_in(answer).items()):
                    for key in self._foreign(model):
                        with_it = {**filled, **buttons, control: [str(key)]}
                        yield Post(name, path, with_it, f"{action}: {control} = foreign {model._meta.label}")
        yield Post(
            name, path, requested | {"select_across": ["1"], ACTION_CHECKBOX_NAME: [str(k) for k in own]}, action
        )

    def _peek(self, path: str, data: dict[str, Any]) -> Any:
        with transaction.atomic():
            answer = self.browser.client.post(path, data)
            transaction.set_rollback(True)
        return answer

    # --- the API

    def api_posts(self) -> Iterator[Post]:
        """Each writing example of the documentation, at each reference, naming each customer and template."""
        for example in EXAMPLES:
            if example.method == "GET":
                continue
            for body in self._bodies(json.loads(example.body) if example.body else {}):
                for path in self.addresses.api_paths(example.operation.partition(" ")[2]):
                    yield Post(f"api {example.operation}", path, body, f"{json.dumps(body)[:90]}", example.method)

    def _bodies(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        # What the world has no need of, or says in other words.
        body = {name: {} if name == "values" else value for name, value in body.items() if name != "external_id"}
        if "worker" in body:
            body["worker"] = str(self.world.theo.pk)
        if "customer" not in body:
            yield body
            return
        for customer, template in itertools.product(("A", "B"), ("T1", "T2")):
            named = {"customer": {"id": str(self.world.customers[customer].pk)}}
            yield body | named | {"template": self.world.templates[template].slug}

    # --- doing

    def send(self, post: Post) -> None:
        """Sends one form, follows where it leads, lets the worker do its part; then looks at all rows."""
        written: set[str] = set()
        with transaction.atomic():
            with connection.execute_wrapper(_noting(written)):
                answer = self._answer(post)
                for run in ImportRun.objects.filter(state__in=WORKING):
                    work_on_run(run.pk)
            if written & {"jobs_jobnumber"}:
                written |= MADE_IN_SETS
            for wrong in self.guard.wrongs(self.reader, Rows.taken(written)) if written else ():
                self.sent.wrongs[f"{post.name}: {post.what}"][wrong].add(self.reader.name)
            transaction.set_rollback(True)
        self.browser.client.cookies.clear()
        self.browser.client.cookies.update(self.browser.cookies)
        self._judge(post, answer)

    def _answer(self, post: Post) -> Any:
        if not post.method:
            return self.browser.client.post(post.path, post.data, follow=True)
        program = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.browser.token}"})
        return program.generic(post.method, post.path, json.dumps(post.data), "application/json")

    def _judge(self, post: Post, answer: Any) -> None:
        self.sent.forms += 1
        self.sent.kinds.add(post.name)
        self.sent.answers[answer.status_code] += 1
        self.sent.accepted += answer.status_code < 300 if post.method else bool(answer.redirect_chain)
        if answer.status_code >= 500:
            self.sent.faults.setdefault(f"{post.name}: {answer.status_code}", f"{self.reader.name}: {post.what}")
        typed = frozenset(self.world.texts.words_in(f"{post.path} {post.data}"))
        ask = Ask(post.name, f"{post.path} ({post.what})", typed=typed, data=())
        self.found.take(self.reader, ask, self.world.texts, said_in(answer), answer.status_code)


def _noting(written: set[str]) -> Callable[..., Any]:
    """Notes the tables that are written to."""

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := _WRITES.match(sql):
            written.add(found[1])
        return execute(sql, params, many, context)

    return note


def pages_with_forms(addresses: Addresses, *, site: bool = False) -> list[Ask]:
    """The addresses at which forms are looked for: each once, and with some of what it may be asked. ``site``: those
    of the companion site that one signs in for; else those of the console."""
    found: list[Ask] = []
    requested: Counter[str] = Counter()
    for ask in addresses.plain():
        if ask.key == str(NEVER) or "take_back" in ask.name or ask.name.startswith(OPEN_TO_ALL):
            continue
        if site != ("portal_site" in ask.name):
            continue
        if "?" in ask.path:
            requested[ask.name] += 1
            if requested[ask.name] > 6 or not ask.name.endswith(("_permission", "_override", "_add", "new_job")):
                continue
        found.append(ask)
    return found
