"""Pages of the console that belong to no model."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from console.addresses import requested_search

# What answers a request with a page.
View = Callable[..., HttpResponseBase]
_pages: list[tuple[str, str, View]] = []


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

        _pages.append((route, name, guarded))
        return guarded

    return decorate


def _page_urls() -> list[URLPattern]:
    # Before Django's own of that name, which takes whatever an address names.
    box = SearchBox.as_view(admin_site=admin.site)
    own = [*_pages, ("autocomplete/", "autocomplete", box)]
    return [path(route, admin.site.admin_view(view), name=name) for route, name, view in own]


# Unfold's site asks this attribute for addresses besides those of the registered models.
admin.site.extra_urls = _page_urls  # type: ignore[attr-defined]  # the site is Unfold's; the stubs take it for Django's


class SearchBox(AutocompleteJsonView):
    """Records by a part of their name, for the foreign key that the address names: those of the key's own list.

    A box is offered for foreign keys and many-to-many fields of our models; for what only points back, or belongs to
    no list of the console, there is none (403). More words than a box holds find nothing.
    """

    def process_request(self, request: HttpRequest) -> tuple[str, ModelAdmin, models.ForeignKey, str]:
        term, model_admin, source, to_field = super().process_request(request)
        if not isinstance(source, models.ForeignKey | models.ManyToManyField):
            raise PermissionDenied
        return term, model_admin, source, to_field

    def get_queryset(self) -> models.QuerySet:
        found = super().get_queryset() if requested_search(self.request, self.term) == self.term else None
        return self.model_admin.get_queryset(self.request).none() if found is None else found
