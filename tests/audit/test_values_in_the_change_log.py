"""Days and times of the day stand in the change log as people write them; marks of ours on a name do not."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.urls import reverse

from accounts.models import Label
from audit.act import acting
from jobs.services import create_series


@pytest.mark.parametrize(("language", "day"), [("en", "29 November 2026"), ("de", "29. November 2026")])
def test_a_day_and_a_time_are_written_as_people_write_them(cast, sign_in, language, day):
    facts = {"name": "Weekly", "customer": cast.acme, "template": cast.exchange, "rules": [{"kind": "day", "every": 1}]}
    create_series(facts | {"starts_on": date(2026, 11, 29), "start_time": time(7, 30)}, by=cast.dana)
    cast.olivia.language = language
    cast.olivia.save(update_fields=["language"])
    answer = sign_in(cast.olivia).get(reverse("admin:changelog"), {"model": "jobs.series"})
    [entry] = answer.context["entries"]
    said = {change.name: change.after for change in entry.changes}
    assert (said["starts_on"], said["start_time"]) == (day, "07:30")


def test_a_label_tells_its_name_alone(cast, sign_in):
    with acting(by=cast.dana):
        Label.objects.create(name="North")
    answer = sign_in(cast.olivia).get(reverse("admin:changelog"), {"model": "accounts.label", "words": "North"})
    [entry] = answer.context["entries"]
    assert [change.label for change in entry.changes] == ["Name"]
