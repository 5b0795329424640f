from __future__ import annotations

import pytest

from jobs.choices import EventKind
from jobs.models import JobEvent


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (EventKind.CREATED, {}, "Job created"),
        (EventKind.SCHEDULED, {"start": "2026-11-23T08:30:00+01:00"}, "Scheduled for Mon 23 Nov, 08:30"),
        (
            EventKind.RESCHEDULED,
            {"start": "2026-11-24T08:30:00+01:00", "before": "2026-11-23T08:30:00+01:00"},
            "Moved from Mon 23 Nov, 08:30 to Tue 24 Nov, 08:30",
        ),
        (EventKind.ASSIGNED, {"worker": "Theo"}, "Given to Theo"),
        (EventKind.ASSIGNED, {"worker": None}, "Taken from its worker"),
        (EventKind.CHANGED, {"fields": ["notes", "asset_id"]}, "Changed: notes, asset ID"),
        (EventKind.STEP_COMPLETED, {"name": "Empty it"}, "Step done: Empty it"),
        (EventKind.CANCELLED, {"reason": "Rain"}, "Cancelled: Rain"),
        (EventKind.CHANGE_REQUESTED, {"asks_to": "cancel", "reason": "Moved"}, "Asked to cancel: Moved"),
        (EventKind.CHANGE_ANSWERED, {"accepted": False, "answer": "Too late"}, "Request declined: Too late"),
    ],
)
def test_each_event_is_told_in_a_sentence(kind, data, said):
    assert JobEvent(kind=kind, data=data).sentence == said


@pytest.mark.parametrize("kind", list(EventKind))
def test_no_event_without_its_data_breaks_the_page(kind):
    assert JobEvent(kind=kind, data={}).sentence
