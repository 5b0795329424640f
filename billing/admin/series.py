"""Number series of documents."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from audit.private_hooks import become
from billing.models import NumberSeries
from billing.services import save_series
from console.kit import ChoiceFilter, ConsoleModelAdmin
from console.shapes import AnyForm


def _example(series: NumberSeries) -> str:
    return series.example


@admin.register(NumberSeries)
class NumberSeriesAdmin(ConsoleModelAdmin[NumberSeries]):
    """Saved through ``billing.services``, which refuse another pattern once a number was given."""

    list_display = ("name", "kind", "example_number", "given", "standing")
    list_display_links = ("name",)
    list_filter = (("kind", ChoiceFilter),)
    sortable_by = ("name",)
    fields = ("name", "kind", "pattern", "digits", "restarts_yearly", "is_default", "example_number")
    readonly_fields = ("example_number",)
    export_columns = (
        ("name", gettext_lazy("Name")),
        ("kind", gettext_lazy("For")),
        ("pattern", gettext_lazy("Pattern")),
        ("digits", gettext_lazy("Digits")),
        ("restarts_yearly", gettext_lazy("Begins anew each year")),
        ("is_default", gettext_lazy("Used for new documents")),
        (_example, gettext_lazy("Example")),
    )
    empty_state = gettext_lazy("No number series yet. They come along when you save the billing settings.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[NumberSeries]:
        return super().get_queryset(request).annotate(given_last=Max("years__last"))

    def get_readonly_fields(self, request: HttpRequest, obj: NumberSeries | None = None) -> tuple[str, ...]:
        if obj is not None and obj.years.filter(last__gt=0).exists():
            return ("kind", "pattern", "digits", "restarts_yearly", "example_number")
        return ("example_number",)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    @display(description=gettext_lazy("Example"))
    def example_number(self, series: NumberSeries) -> str:
        return series.example if series.pk else "–"

    @display(description=gettext_lazy("Numbers given"))
    def given(self, series: NumberSeries) -> str:
        return _("yes") if getattr(series, "given_last", 0) else _("none yet")

    @display(description=gettext_lazy("State"), label={"default": "success", "other": "default"})
    def standing(self, series: NumberSeries) -> tuple[str, str]:
        return ("default", _("For new documents")) if series.is_default else ("other", _("Not in use"))

    def save_model(self, request: HttpRequest, obj: NumberSeries, form: AnyForm, change: bool) -> None:
        become(obj, save_series(obj, by=request.user))
