"""The search boxes of foreign keys: what they take from their address, and what they find."""

from __future__ import annotations

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest

from console.addresses import requested_search
from console.shapes import AnyAdmin, AnyForeignKey, AnyRows


class SearchBox(AutocompleteJsonView):
    """Records by a part of their name, for the foreign key that the address names: those of the key's own list.

    A box is offered for foreign keys and many-to-many fields of our models; for what only points back, or belongs to
    no list of the console, there is none (403). More words than a box holds find nothing.
    """

    def process_request(self, request: HttpRequest) -> tuple[str, AnyAdmin, AnyForeignKey, str]:
        term, model_admin, source, to_field = super().process_request(request)
        if not isinstance(source, models.ForeignKey | models.ManyToManyField):
            raise PermissionDenied
        return term, model_admin, source, to_field

    def get_queryset(self) -> AnyRows:
        found = super().get_queryset() if requested_search(self.request, self.term) == self.term else None
        return self.model_admin.get_queryset(self.request).none() if found is None else found
