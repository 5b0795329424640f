"""By what the list of customers is narrowed."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from accounts.models.customers import CustomerQuerySet
from accounts.models.people import Anyone
from console.kit import (
    LookupFilter,
    shown_to,
)
from console.shapes import AnyAdmin, AnyRows


class ArchivedCustomersFilter(LookupFilter):
    """Archived customers stay out of the way until one asks for them."""

    title = gettext_lazy("Archived")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: AnyAdmin) -> list[tuple[str, str]]:
        return [("yes", _("Archived only")), ("all", _("Archived too"))]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> CustomerQuerySet:
        assert isinstance(queryset, CustomerQuerySet)
        match self.value():
            case "yes":
                return queryset.filter(archived_at__isnull=False)
            case "all":
                return queryset
        return queryset.current()


class DoublesFilter(LookupFilter):
    """Customers of one name: as a rule one of them is to be merged with the other."""

    title = gettext_lazy("Doubles")
    parameter_name = "doubles"

    def lookups(self, request: HttpRequest, model_admin: AnyAdmin) -> list[tuple[str, str]]:
        return [("yes", _("Looks like a double"))]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        return queryset.filter(has_double(request.user)) if self.value() else queryset


def has_double(user: Anyone) -> Exists:
    """Does this person see another customer of that name who is not archived?"""
    others = shown_to(Customer.objects.current(), user).exclude(pk=OuterRef("pk"))
    return Exists(others.filter(name_key=OuterRef("name_key")))
