"""Merging two customers: side by side, a choice per field, in numbers before it is done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.models import Customer, CustomerLink
from console.errors import Refused
from console.keys import is_key
from console.kit import DialogForm, console_page, pick_one
from console.kit.once import say_done_before
from console.once import Sending, key_of, new_key, sending, sent_before
from console.reader import StaffReader
from permissions.services import merging


class OtherCustomerForm(DialogForm):
    """Which other customer is the same."""

    other = forms.ModelChoiceField(
        label=gettext_lazy("Same as"),
        queryset=Customer.objects.none(),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("You see both side by side before anything happens."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Customer.objects.visible_to(self.request.user, "change").exclude(pk=self.object_id)
        pick_one(self.fields["other"], CustomerLink._meta.get_field("customer"), others)
        # As a rule it is the one of the same name.
        own = Customer.objects.filter(pk=self.object_id).values("name_key")
        self.initial.setdefault("other", others.current().filter(name_key__in=own).first())


def merge_address(keep: Customer, drop: Customer) -> str:
    """The page that shows both side by side."""
    return reverse("admin:merge_customers", args=[keep.pk, drop.pk])


@console_page("customers/<int:keep>/merge/<int:drop>/", name="merge_customers", permission="accounts.merge_customer")
def merge_page(request: HttpRequest, keep: int, drop: int) -> HttpResponse:
    """GET: both side by side, and what would move. POST: merges, and leads to the customer that is left."""
    key = key_of(request)
    if request.method == "POST" and (before := sent_before(request.user, request.path, key)):
        return _merged_before(request, before)
    keys = [key for key in (keep, drop) if is_key(str(key))]
    found = Customer.objects.visible_to(request.user, "change").prefetch_related("labels").in_bulk(keys)
    if len(found) != 2:
        raise Http404
    first, second = found[keep], found[drop]
    if request.method == "POST":
        choices: dict[str, merging.Side] = {
            name: "keep" if request.POST[name] == "keep" else "drop"
            for name in merging.CHOOSABLE
            if request.POST.get(name) in ("keep", "drop")
        }
        try:
            with sending(request.user, request.path, key) as sent:
                if sent.is_repeated:
                    return _merged_before(request, sent)
                kept = merging.merge_customers(first, second, by=request.user, choices=choices)
                sent.made(kept)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request,
                _("%(drop)s is part of %(keep)s now. It can be taken back from the change log.")
                % {"drop": second, "keep": kept},
            )
            return HttpResponseRedirect(reverse("admin:accounts_customer_change", args=[kept.pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("Merge two customers"),
        "once": key or new_key(),
        "opts": Customer._meta,
        "keep": first,
        "drop": second,
        "rows": [_row(name, first, second) for name in merging.CHOOSABLE],
        "moves": merging.merge_preview(second, StaffReader(request.user), first).items(),
        "swap_url": merge_address(second, first),
        "back_url": reverse("admin:accounts_customer_change", args=[first.pk]),
    }
    return TemplateResponse(request, "permissions/merge.html", context)


def _merged_before(request: HttpRequest, sent: Sending) -> HttpResponseRedirect:
    """The press that came second: the other customer is no more, and this one's page answers."""
    return HttpResponseRedirect(say_done_before(request, sent, None) or reverse("admin:accounts_customer_changelist"))


def _row(name: str, keep: Customer, drop: Customer) -> dict[str, object]:
    """One field: its name, both values in words, and which side is chosen unless the person says otherwise."""
    field = Customer._meta.get_field(name)
    assert isinstance(field, models.Field)
    words = [
        str(getattr(one, f"get_{name}_display")()) if field.choices else getattr(one, name) or ""
        for one in (keep, drop)
    ]
    return {
        "name": name,
        "label": field.verbose_name,
        "keep": words[0],
        "drop": words[1],
        "same": words[0] == words[1],
        "prefer_drop": not words[0] and bool(words[1]),
    }
