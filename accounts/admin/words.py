"""Labels and workers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import Count
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from accounts.models import Label, User, Worker
from accounts.services.workers import delete_worker, why_not_deleted
from permissions.console import ConsoleModelAdmin


@admin.register(Label)
class LabelAdmin(ConsoleModelAdmin):
    list_display = ("name", "customer_count_")
    search_fields = ("name",)
    fields = ("name",)
    empty_state = gettext_lazy("No label yet. A label groups customers, to filter lists and to aim alerts by.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).annotate(customer_count=Count("customers"))

    @display(description=gettext_lazy("customers"), ordering="customer_count")
    def customer_count_(self, label: Any) -> int:
        return label.customer_count


@admin.register(Worker)
class WorkerAdmin(ConsoleModelAdmin):
    list_display = ("swatch", "phone", "email", "is_active")
    list_display_links = ("swatch",)
    list_filter = ("is_active",)
    search_fields = ("name", "phone", "email", "external_id")
    list_select_related = ("user",)
    fieldsets = (
        (None, {"fields": (("name", "colour"), ("external_id", "is_active"))}),
        (gettext_lazy("How to reach"), {"fields": (("phone", "email"),)}),
        (gettext_lazy("Sign-in"), {"fields": ("user",)}),
    )
    empty_state = gettext_lazy("No worker yet. Add the people who drive and do the jobs.")

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        worker = self.record(request, object_id)
        if worker is not None and self.has_delete_permission(request, worker) and (why := why_not_deleted(worker)):
            messages.error(request, why)
            return HttpResponseRedirect(self.change_url(worker))
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Worker) -> None:
        delete_worker(obj, by=request.user)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "colour":
            kwargs["widget"] = UnfoldAdminColorInputWidget()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_staff=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=gettext_lazy("worker"), ordering="name")
    def swatch(self, worker: Worker) -> Any:
        return format_html(
            '<span class="pc-row"><span class="pc-dot" style="background:{}"></span>{}</span>',
            worker.colour,
            worker.name,
        )
