"""Why a message is where it is stands on the ledger, on its page and on its job in the language of who reads it."""

from __future__ import annotations

import pytest

from alerts.models import Delivery
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job

OURS = "Written to a file: no mail server is set (EMAIL_URL)."
IN_GERMAN = "In eine Datei geschrieben: Es ist kein Mailserver eingestellt (EMAIL_URL)."
THEIRS = "550 mailbox of 100% unavailable"


@pytest.fixture
def delivery(cast):
    make_alert()
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    cast.sam.language = "de"
    cast.sam.save(update_fields=["language"])
    return delivery


@pytest.mark.parametrize(("why", "said"), [(OURS, IN_GERMAN), (THEIRS, THEIRS)])
def test_sam_reads_german(cast, delivery, sign_in, why, said):
    Delivery.objects.filter(pk=delivery.pk).update(why=why)
    client = sign_in(cast.sam)
    for address in (
        "/admin/alerts/delivery/",
        f"/admin/alerts/delivery/{delivery.pk}/change/",
        f"/admin/jobs/job/{delivery.job_id}/change/",
    ):
        assert said in client.get(address).content.decode()


def test_of_a_message_without_a_reason_nothing_is_said(cast, delivery):
    Delivery.objects.filter(pk=delivery.pk).update(why="")
    delivery.refresh_from_db()
    assert delivery.reason == ""
