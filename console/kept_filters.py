"""The filters of a list, kept while one looks at a record and comes back: each value of each of them.

Django carries them along as one text (``_changelist_filters``) and takes it apart into a dictionary on the way back:
of two ticked states one remains. Its tag is replaced by the one below (``libraries`` in the settings' TEMPLATES), and
the answers after saving and deleting go through ``back_to_list``. Why: docs/decisions/0145-filters.md.
"""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from django.contrib.admin.templatetags import admin_urls
from django.http import HttpRequest, QueryDict
from django.template import Library, RequestContext
from django.urls import reverse
from django.utils.http import urlencode

KEPT = "_changelist_filters"

register = Library()
register.filters.update(admin_urls.register.filters)


@register.simple_tag(takes_context=True)
def add_preserved_filters(context: RequestContext, url: str, popup: bool = False, to_field: str | None = None) -> str:
    """Return an address with what the page was called with; that of its list with every value of its filters."""
    added = str(admin_urls.add_preserved_filters(context, url, popup, to_field))
    opts = context.get("opts")
    kept = dict(parse_qsl(context.get("preserved_filters") or "")).get(KEPT, "")
    if not kept or opts is None:
        return added
    list_url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return _with_all(added, kept, own=url) if urlsplit(url).path == list_url else added


def back_to_list(request: HttpRequest, url: str, list_url: str) -> str:
    """Return the address that a page of a record leads on to; if it is its list, with every value of its filters."""
    kept = request.GET.get(KEPT, "")
    return _with_all(url, kept) if kept and urlsplit(url).path == list_url else url


def stay_at_record(request: HttpRequest, url: str) -> str:
    """Return the address of a record's page after an action on it, with the filters that the page was opened with.

    An action is asked for from its page, without a word of where that page leads back to; the browser says it.
    """
    page, target = _opened_from(request), urlsplit(url)
    kept = QueryDict(page.query).get(KEPT, "") if page.path == target.path else request.GET.get(KEPT, "")
    if not kept or KEPT in QueryDict(target.query):
        return url
    query = "&".join(filter(None, [target.query, urlencode({KEPT: kept})]))
    return urlunsplit(target._replace(query=query))


def _opened_from(request: HttpRequest) -> SplitResult:
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        # Whatever a program that is no browser says there.
        return urlsplit("")


def _with_all(url: str, kept: str, own: str = "") -> str:
    """``own``: the address that was asked for; what it says itself counts before what was kept."""
    parts = urlsplit(url)
    said = {name for name, _value in parse_qsl(urlsplit(own).query)}
    pairs = [pair for pair in parse_qsl(kept) if pair[0] not in said]
    names = {name for name, _value in pairs}
    pairs += [pair for pair in parse_qsl(parts.query) if pair[0] not in names]
    return urlunsplit(parts._replace(query=urlencode(pairs)))
