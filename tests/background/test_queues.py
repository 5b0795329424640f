"""What a person waits for, what is sent and what keeps house wait in queues of their own."""

from __future__ import annotations

import pytest
from celery import current_app

# Whoever adds a task says here who waits for it.
PEOPLE, MESSAGES, HOUSE = "people", "messages", "house"
QUEUES = {
    "accounts.tasks.forget": HOUSE,
    "accounts.tasks.tell_sign_in_is_paused": PEOPLE,
    "alerts.tasks.announce_events": MESSAGES,
    "alerts.tasks.send_messages": MESSAGES,
    "alerts.tasks.sweep": HOUSE,
    "audit.tasks.forget_security_events": HOUSE,
    "billing.tasks.keep_documents": HOUSE,
    "console.tasks.forget": HOUSE,
    "console.tasks.forget_files": HOUSE,
    "console.tasks.sweep": HOUSE,
    "console.tasks.write_export": PEOPLE,
    "imports.tasks.sweep": HOUSE,
    "imports.tasks.work": PEOPLE,
    "jobs.tasks.forget": HOUSE,
    "jobs.tasks.make_due_occurrences": HOUSE,
    "portal_site.tasks.send_password_reset": PEOPLE,
}


def test_each_task_stands_in_the_table():
    current_app.loader.import_default_modules()
    assert {name for name in current_app.tasks if not name.startswith("celery.")} == set(QUEUES)


@pytest.mark.parametrize("name", QUEUES)
def test_it_waits_in_its_queue(name):
    assert current_app.amqp.router.route({}, name)["queue"].name == QUEUES[name]


def test_a_worker_that_is_told_of_no_queue_serves_all_of_them():
    assert set(current_app.amqp.queues.consume_from) == {PEOPLE, MESSAGES, HOUSE}
    for name, queue in current_app.amqp.queues.items():
        assert (queue.exchange.name, queue.routing_key) == (name, name)
