"""Pages of the console that belong to no model."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from console.hooks import OWN_PAGES, OwnPage, View
from console.kit.searching import SearchBox


def console_page(route: str, *, name: str, permission: str) -> Callable[[View], View]:
    """A page of the console at ``/admin/<route>``, known as ``admin:<name>``, for staff who hold the permission.

    Others get 403; the record it is about (if there is one) is for the view to fetch through a scoped queryset.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        OWN_PAGES.add(name, OwnPage(route, guarded))
        return guarded

    return decorate


def _page_urls() -> list[URLPattern]:
    # Before Django's own of that name, which takes whatever an address names.
    box = SearchBox.as_view(admin_site=admin.site)
    own = {**dict(OWN_PAGES.items()), "autocomplete": OwnPage("autocomplete/", box)}
    return [path(page.route, admin.site.admin_view(page.view), name=name) for name, page in own.items()]


# Unfold's site asks this attribute for addresses besides those of the registered models.
admin.site.extra_urls = _page_urls  # type: ignore[attr-defined]  # the site is Unfold's; the stubs take it for Django's
