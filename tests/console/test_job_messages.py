from __future__ import annotations

from django.urls import reverse

from alerts.models import Delivery
from tests.factories import make_job


def message(job, **facts):
    defaults = {"kind": "job.created", "audience": "fixed", "channel": "email", "recipient": "site@acme.example"}
    defaults |= {"subject": "Your job", "body": "It is planned."}
    return Delivery.objects.create(job=job, about=job.number, customer=job.customer, **defaults | facts)


def page_of(job):
    return reverse("admin:jobs_job_change", args=[job.pk])


def test_the_page_of_a_job_tells_who_was_told_what(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    message(job, state="bounced", why="No such mailbox")
    page = sign_in(cast.dana).get(page_of(job)).content.decode()
    assert "Your job" in page and "Bounced" in page and "No such mailbox" in page


def test_who_may_not_read_the_ledger_reads_none_of_it_there(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    message(job)
    assert "Your job" not in sign_in(cast.bill).get(page_of(job)).content.decode()


def test_failed_messages_are_counted_as_the_ledger_lists_them(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    for n, state in enumerate(("failed", "bounced", "sent")):
        message(job, state=state, recipient=f"{n}@acme.example")
    dana = sign_in(cast.dana)
    card = next(card for card in dana.get("/admin/").context["cards"] if str(card.label) == "Failed messages")
    assert card.count == 2 == len(dana.get(card.link).context["cl"].result_list)


def test_what_others_wrote_is_escaped(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    message(job, subject="<script>alert(1)</script>")
    assert "<script>alert(1)" not in sign_in(cast.dana).get(page_of(job)).content.decode()
