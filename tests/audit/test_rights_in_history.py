"""History tells rights in the words of the pages where they are given, never by their codes."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import translation

from business.models import PortalSettings
from console.roles import save_role
from permissions.models import CustomerGrant
from permissions.services import grant

CODE = re.compile(r"\b(view|add|change|delete|merge|cancel)_[a-z]+|\bCan (view|add|change|merge)")


def shown(client, address):
    """What a page says, without its marks."""
    page = client.get(address)
    assert page.status_code == 200, address
    main = page.content.decode().split('id="content"')[-1].split("<script")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


@pytest.fixture
def role(cast):
    """What a role gained: a right of one kind, and one of its own."""
    made = Group.objects.create(name="Foreman")
    rights = Permission.objects.filter(codename__in=("view_job", "merge_customer"))
    save_role(made, set(rights.values_list("pk", flat=True)), by=cast.olivia)
    return made


def test_what_a_role_may(cast, sign_in, role):
    text = shown(sign_in(cast.olivia), f"/admin/auth/group/{role.pk}/history/")
    assert "Jobs: See, Merge two customers" in text
    assert text.count("Merge two customers") == 1 and not CODE.search(text)


def test_the_page_of_a_role_uses_the_same_words(cast, sign_in, role):
    page = sign_in(cast.olivia).get(f"/admin/auth/group/{role.pk}/change/").content.decode()
    assert 'aria-label="Jobs: See"' in page and "Merge two customers" in page


def test_what_everybody_may_on_the_companion_site(cast, sign_in):
    settings = PortalSettings.load()
    settings.default_permissions = {**settings.default_permissions, "view_jobs": False}
    settings.save()
    text = shown(sign_in(cast.olivia), "/admin/business/portalsettings/1/history/")
    assert "Default user permissions: See jobs yes no" in text and not CODE.search(text)


def test_what_was_granted_to_somebody(cast, sign_in):
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    text = shown(sign_in(cast.olivia), "/admin/changelog/?model=permissions.customergrant")
    assert "Acme Builders, Dana: see it" in text and "Acme Builders, Dana: work with it" in text
    assert "Customers: Change" in text and not CODE.search(text)


def test_what_is_kept_is_kept_in_the_language_of_the_business(cast):
    with translation.override("de"):
        grant(cast.dana, cast.acme, change=False, by=cast.olivia)
    assert CustomerGrant.history.get().label == "Acme Builders, Dana: see it"


@pytest.mark.parametrize("who", ["nell", "bill", "carl"])
def test_strangers_read_no_history_of_rights(cast, sign_in, role, who):
    client = sign_in(getattr(cast, who))
    for address in (f"/admin/auth/group/{role.pk}/history/", "/admin/changelog/?model=permissions.customergrant"):
        assert client.get(address).status_code in (302, 403, 404)
