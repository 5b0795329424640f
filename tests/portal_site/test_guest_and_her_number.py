"""A guest who is asked for her mobile number gives it as she writes it."""

from __future__ import annotations

import pytest

from tests.factories import make_job
from tests.portal_site.test_guest import answer, door

ON_THE_JOB = ["491715550133", "+49 171 5550133", "0171/5550133", "0171 5550133 (mobil)"]
ANSWERS = ["0171 5550133", "+491715550133", "0049 171 5550133", "49 171 5550133", "(0171) 555 01 33"]


@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize("kept", ON_THE_JOB)
def test_any_spelling_opens_her_link(cast, client, kept, said):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_email="", contact_phone=kept)
    job.contact_email = ""
    job.save()
    assert answer(client, door(job), said).status_code == 302
    assert job.number in client.get(door(job)).content.decode()


def test_another_number_does_not(cast, client):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_phone="491715550133")
    job.contact_email = ""
    job.save()
    answer(client, door(job), "0171 5550134")
    assert job.number not in client.get(door(job)).content.decode()
