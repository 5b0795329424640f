"""The link to one's own changes leads to them, whatever one is called."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse


@pytest.mark.parametrize("name", ["Olivia", "Olivia & Sons", "Olivia #1 +?"])
def test_olivia_finds_her_own_changes(cast, sign_in, name):
    cast.olivia.full_name = name
    cast.olivia.save()
    client = sign_in(cast.olivia)
    page = client.get(reverse("admin:index")).content.decode()
    address = unescape(re.search(rf'href="({reverse("admin:changelog")}\?person=[^"]*)"', page)[1])
    assert client.get(address).context["form"].cleaned_data["person"] == name


def test_nell_is_offered_none(cast, sign_in):
    assert "?person=" not in sign_in(cast.nell).get(reverse("admin:index")).content.decode()
