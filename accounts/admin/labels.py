"""Labels."""

from __future__ import annotations

from typing import Protocol

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.admin.counting import related_count
from accounts.models import Customer, Label
from accounts.services import delete_label, save_label
from console.kit import ConsoleModelAdmin
from console.shapes import AnyForm


class _CountedLabel(Protocol):
    """A label with how many customers have it."""

    customer_count: int


def _customers(label: _CountedLabel) -> int:
    return label.customer_count


@admin.register(Label)
class LabelAdmin(ConsoleModelAdmin[Label]):
    list_display = ("name", "customer_count_", "standing")
    search_fields = ("name_search",)
    fields = ("name",)
    export_columns = (
        ("name", gettext_lazy("Label")),
        (_customers, gettext_lazy("Customers")),
    )
    empty_state = gettext_lazy("No label yet. A label groups customers, to filter lists and to aim alerts by.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Label]:
        return (
            super()
            .get_queryset(request)
            .annotate(customer_count=related_count(Customer.objects.visible_to(request.user), "labels"))
        )

    def save_model(self, request: HttpRequest, obj: Label, form: AnyForm, change: bool) -> None:
        save_label(obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Label) -> None:
        delete_label(obj, by=request.user)

    @display(description=gettext_lazy("state"), label={"double": "info"})
    def standing(self, label: Label) -> tuple[str, str] | str:
        return ("double", _("Looks like a double: rename")) if label.is_double else ""

    @display(description=gettext_lazy("customers"), ordering="customer_count")
    def customer_count_(self, label: _CountedLabel) -> int:
        return label.customer_count
