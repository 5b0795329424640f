"""Telling people: from an event to its messages, from a message to its fate (docs/decisions/0011-deliveries.md)."""

from alerts.services.announcing import announce
from alerts.services.by_hand import (
    delete_alert,
    mark_read,
    newest_resend,
    resend,
    resend_uncertain,
    save_alert,
    say_not_needed,
    send_test,
    switch_alert,
    why_not_again,
)
from alerts.services.codes import send_code
from alerts.services.defaults import install_default_alerts
from alerts.services.delivering import BACKOFF, claim, deliver, free_dead_claims, record_fate
from alerts.services.holding import try_channel
from alerts.services.releasing import Endings, decide_messages, doors_open, release, require_right_to_release
from alerts.services.sending import channels_of, send_due
from alerts.services.settling import say_arrived
from alerts.services.stops import lift_stop, stop_messages
from alerts.services.sweeping import sweep, watch_the_clock
from alerts.services.words import (
    Words,
    event_label,
    new_alert,
    preview_job_alerts,
    words_for,
    words_of,
    words_to_send,
)

__all__ = [
    "BACKOFF",
    "Endings",
    "Words",
    "announce",
    "channels_of",
    "claim",
    "decide_messages",
    "delete_alert",
    "deliver",
    "doors_open",
    "event_label",
    "free_dead_claims",
    "install_default_alerts",
    "lift_stop",
    "mark_read",
    "new_alert",
    "newest_resend",
    "preview_job_alerts",
    "record_fate",
    "release",
    "require_right_to_release",
    "resend",
    "resend_uncertain",
    "save_alert",
    "say_arrived",
    "say_not_needed",
    "send_code",
    "send_due",
    "send_test",
    "stop_messages",
    "sweep",
    "switch_alert",
    "try_channel",
    "watch_the_clock",
    "why_not_again",
    "words_for",
    "words_of",
    "words_to_send",
]
