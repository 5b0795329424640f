"""Every operation of the API, asked with every kind of token: one table of what is answered.

The table stands in who_may.txt: a line for each operation, a column for each token. The requests are those of
docs/api.md, all of them good; so an answer other than 2xx is about who asks. A new operation needs a line.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services import revoke_token
from api.sections import scopes
from console.roles import Role, give_role
from tests.api.conftest import Program
from tests.api.examples import EXAMPLES, TODAY, before, make_world, operations
from tests.console.people import narrow
from tests.factories import make_worker

TABLE = Path(__file__).with_name("who_may.txt")
# Who asks, in the order of the columns.
TOKENS = (
    "nobody",  # without a token
    "revoked",  # Dana's, revoked
    "expired",  # Dana's, expired
    "nell",  # staff without a role, every scope
    "support",  # Sam, who reads and changes nothing
    "elsewhere",  # a dispatcher who was granted another customer only
    "looks",  # a dispatcher who was granted this customer, to look at only
    "dispatcher",  # Dana
    "admin",  # Olivia
    "worker",  # Theo, whose job it is
    "other",  # another worker
)
STAFF = ("nell", "support", "elsewhere", "looks", "dispatcher", "admin")


def first_examples():
    """One good request for each operation."""
    return {example.operation: example for example in reversed(EXAMPLES)}


def table():
    rows = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            method, address, *codes = line.split()
            rows[f"{method} {address}"] = dict(zip(TOKENS, map(int, codes), strict=True))
    return rows


@pytest.fixture
def tokens(cast, program, time_machine):
    """A program for each column."""
    time_machine.move_to(TODAY)
    make_world(cast)
    found = {
        "nobody": Program(None, "none"),
        "revoked": program(cast.dana),
        "expired": program(cast.dana),
        "nell": program(cast.nell),
        "support": program(cast.sam),
        "dispatcher": program(cast.dana),
        "admin": program(cast.olivia),
        "worker": program(cast.theo),
        "other": program(make_worker("Tim")),
    }
    revoke_token(found["revoked"].token, by=None)
    ApiToken.objects.filter(pk=found["expired"].token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    for name, person, customer, action in (
        ("elsewhere", cast.bill, cast.cedar, "change"),
        ("looks", cast.ines, cast.acme, "view"),
    ):
        give_role(person, Role.DISPATCHER, by=None)
        narrow(person, customer, action=action)
        found[name] = program(person)
    return found


def status_of(program, example, cast):
    """What is answered; whatever was done is undone."""
    cache.clear()  # so many bad tokens from one address would be throttled
    with transaction.atomic():
        before(example, cast)
        status = example.sent_by(program).status_code
        transaction.set_rollback(True)
    return status


def test_every_operation_is_in_the_table():
    assert set(table()) == set(operations()), "Say in who_may.txt who may do these, and take out those that are gone"


@pytest.mark.parametrize("who", TOKENS)
def test_the_api_answers_as_the_table_says(cast, tokens, who):
    said = {name: status_of(tokens[who], example, cast) for name, example in first_examples().items()}
    wrong = [
        f"{name}: {status} instead of {table()[name][who]}"
        for name, status in said.items()
        if status != table()[name][who]
    ]
    assert not wrong, "\n".join(wrong)


def test_what_the_table_must_say_whoever_wrote_it():
    for name, codes in table().items():
        own = operations()[name] == "worker"
        assert {codes[who] for who in ("nobody", "revoked", "expired")} == {401}, name
        assert codes["nell"] in (403, 404), name
        assert codes["admin" if not own else "worker"] in (200, 201), name
        assert all(codes[who] == 403 for who in STAFF) if own else codes["worker"] == codes["other"] == 403, name
        if not name.startswith("GET"):
            assert codes["support"] in (403, 404), f"{name}: Sam changes nothing"
            assert own or codes["looks"] in (403, 404) or "{" not in name or "workers" in name, name
        if "/jobs/{ref}" in name and not own:
            assert codes["elsewhere"] in (403, 404), f"{name}: not hers to see"


@pytest.mark.parametrize("scope", scopes())
def test_a_scope_opens_its_operations_and_no_others(cast, program, time_machine, scope):
    time_machine.move_to(TODAY)
    make_world(cast)
    only, all_others = program(cast.olivia, scopes=[scope]), program(cast.olivia, scopes=set(scopes()) - {scope})
    opened = [example for example in first_examples().values() if example.scope == scope]
    assert opened
    for example in opened:
        assert status_of(only, example, cast) in (200, 201), example
        assert status_of(all_others, example, cast) == 403, example
    for example in first_examples().values():
        if example.scope != scope:
            assert status_of(only, example, cast) == 403, example
