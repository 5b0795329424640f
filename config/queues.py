"""Where each task waits, and what the clock asks for.

What a person waits for, what is sent, and what keeps house: none of them waits for another. A worker that is told of no
queue serves all three (docs/decisions/0150-queues.md).
"""

from __future__ import annotations

from celery.schedules import crontab
from kombu import Exchange, Queue

PEOPLE, MESSAGES, HOUSE = "people", "messages", "house"
QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in (PEOPLE, MESSAGES, HOUSE)]
# All others keep house.
ROUTES = {
    "accounts.tasks.tell_sign_in_is_paused": {"queue": PEOPLE},
    "alerts.tasks.announce_events": {"queue": MESSAGES},
    "alerts.tasks.send_messages": {"queue": MESSAGES},
    "console.tasks.write_export": {"queue": PEOPLE},
    "imports.tasks.work": {"queue": PEOPLE},
    "portal_site.tasks.send_password_reset": {"queue": PEOPLE},
}
SCHEDULE = {
    "forget-answers": {"task": "accounts.tasks.forget", "schedule": 3600.0},
    "forget-forms": {"task": "console.tasks.forget", "schedule": 3600.0},
    "forget-positions-and-tries": {"task": "jobs.tasks.forget", "schedule": 3600.0},
    "make-due-occurrences": {"task": "jobs.tasks.make_due_occurrences", "schedule": 600.0},
    "announce-what-nobody-announced": {"task": "alerts.tasks.sweep", "schedule": 20.0},
    "resume-abandoned-imports": {"task": "imports.tasks.sweep", "schedule": 20.0},
    "write-waiting-exports": {"task": "console.tasks.sweep", "schedule": 20.0},
    "keep-documents": {"task": "billing.tasks.keep_documents", "schedule": 3600.0},
    "forget-files": {"task": "console.tasks.forget_files", "schedule": crontab(hour=3, minute=50)},
    "forget-security-events": {"task": "audit.tasks.forget_security_events", "schedule": crontab(hour=3, minute=20)},
}
