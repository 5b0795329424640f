"""A job has the same pages by login and by portal link: read off the URL conf, so that none is forgotten for guests."""

from __future__ import annotations

from inspect import unwrap

from django.urls import URLPattern

from portal_site import doors, urls

# {what follows the job in the address: why there is no such page at a portal link}
NOT_FOR_GUESTS: dict[str, str] = {}
# The same for pages of a link that a login does not need.
ONLY_FOR_GUESTS: dict[str, str] = {}


def pages(before: str) -> dict[str, URLPattern]:
    """{what follows the reference: the page} of the addresses that begin so."""
    routes = {str(one.pattern): one for one in urls.urlpatterns}
    return {route.removeprefix(before): one for route, one in routes.items() if route.startswith(before)}


BY_LOGIN, BY_LINK = pages("jobs/<str:number>/"), pages("l/<str:token>/")


def test_there_are_pages_to_compare():
    assert {"", "status/", "cancel/", "files/<str:reference>/"} <= set(BY_LOGIN)


def test_a_guest_has_every_page_of_a_job():
    missing = set(BY_LOGIN) - set(BY_LINK)
    assert missing == set(NOT_FOR_GUESTS), (
        f"Add by_link(...) at l/<str:token>/ to portal_site/urls.py, or say here why guests lack it: {missing}"
    )


def test_and_no_other():
    more = set(BY_LINK) - set(BY_LOGIN)
    assert more == set(ONLY_FOR_GUESTS), f"Add by_login(...), or say here why only guests have it: {more}"


def test_it_is_the_same_view_by_both_ways():
    """But for the first one: at a portal link it asks the question before it shows the job."""
    for after in sorted((set(BY_LOGIN) & set(BY_LINK)) - {""}):
        by_login, by_link = unwrap(BY_LOGIN[after].callback), unwrap(BY_LINK[after].callback)
        assert by_login is by_link, f"{after}: make both of one @job_page, with by_login and by_link."


def test_the_doors_know_the_address_of_every_page():
    names = {(BY_LOGIN[after].name, BY_LINK[after].name) for after in set(BY_LOGIN) & set(BY_LINK)}
    assert names == set(doors.ADDRESSES.values()), "Name both addresses in ADDRESSES of portal_site/doors.py."
