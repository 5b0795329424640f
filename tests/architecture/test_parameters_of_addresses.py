"""Each parameter of an address is decided on: does it open something, so that logs must not hold it?"""

from __future__ import annotations

from django.urls import get_resolver

from audit.masking import SECRET, _names, _routes

# Whoever has one of these reaches what it names without signing in: masked in logs.
OPEN = {SECRET}
# These name a record, a kind or a day; who may see it is asked of whoever is signed in, or of a token beside it.
HARMLESS = {
    "app_label",
    "content_type_id",
    "day",
    "invoice",
    "drop",
    "keep",
    "key",
    "kind",
    "number",
    "object_id",
    "payment",
    "ref",
    "reference",
    "request_id",
    "slug",
    "uidb64",
    "url",
}


def test_a_new_name_is_red_until_it_is_decided():
    names = {name for route in _routes(get_resolver()) for name in _names(route)}
    assert names == OPEN | HARMLESS
