"""What templates of packages take for markup holds nothing that people wrote (tests/architecture/test_markup.py)."""

from __future__ import annotations

from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from tests.doors.harmless import Harmless
from tests.doors.texts import STEM


def test_descriptions_of_fields_and_the_sidebar_hold_nothing_that_people_wrote(harmless: Harmless):
    request = RequestFactory().get(reverse("admin:index"))
    request.user = harmless.olivia
    said = [str(item["title"]) for group in admin.site.get_sidebar_list(request) for item in group["items"]]
    assert said
    titles = len(said)
    for model, page in admin.site._registry.items():
        for record in (None, model._base_manager.first()):
            for one in (page, *page.get_inline_instances(request, record)):
                groups = one.get_fieldsets(request, record)
                said += [str(facts["description"]) for _name, facts in groups if facts.get("description")]
    assert len(said) > titles + 5
    assert not [one for one in said if STEM in one]
