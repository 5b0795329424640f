"""Forms of the console count once (console.once): a record's page, and what a button asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminToField, NotRegistered
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from console.kit.saving import refusals_of
from console.once import Sending, digest_of_form, key_of, new_key, sending
from console.shapes import Context, Record

if TYPE_CHECKING:
    from django.contrib.admin.models import LogEntry


class CountsOnce(ModelAdmin[Record]):
    """A record's page whose form, sent a second time, leads to what it made the first time. Inlines are part of it."""

    if TYPE_CHECKING:

        def record(self, request: HttpRequest, object_id: int | str) -> Record | None: ...
        def change_url(self, obj: models.Model) -> str: ...
        def list_url(self) -> str: ...

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Context | None
    ) -> HttpResponse:
        """Django's page of a record, inside the transaction in which it saves."""
        context = extra_context or {}
        if request.method != "POST" or not self._may_send(request, object_id):
            return super()._changeform_view(request, object_id, form_url, {**context, "once": new_key()})
        key = key_of(request)
        is_new = object_id is None
        with sending(request.user, request.path, key, digest_of_form(request), may_change=not is_new) as sent:
            if sent.is_unchanged:
                return self._answer_again(request, sent, is_new=is_new)
            if sent.is_repeated:
                refusals_of(request).append((None, self._said_of_more(request, sent)))
            once = new_key() if sent.is_repeated or not key else key
            request.__dict__.pop("_console_saved", None)
            answer = super()._changeform_view(request, object_id, form_url, {**context, "once": once})
            saved: Record | None = request.__dict__.get("_console_saved")
            if saved is None:
                sent.withdraw()
            else:
                sent.made(saved)
            return answer

    def _may_send(self, request: HttpRequest, object_id: str | None) -> bool:
        if object_id is None:
            return self.has_add_permission(request)
        record = self.record(request, object_id)
        return record is not None and self.has_change_permission(request, record)

    def log_addition(self, request: HttpRequest, obj: Record, message: object) -> LogEntry:
        """Django's way to say that the form was good and a record is made of it."""
        request.__dict__["_console_saved"] = obj
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Record, message: object) -> LogEntry:
        """The same of a record that was changed."""
        request.__dict__["_console_saved"] = obj
        return super().log_change(request, obj, message)

    def _answer_again(self, request: HttpRequest, sent: Sending, *, is_new: bool) -> HttpResponse:
        record = self.made_before(request, sent)
        if record is not None and IS_POPUP_VAR in request.POST:
            # Django tells the window behind whatever column is asked for, and asks whether it may before it saves.
            wanted = request.POST.get(TO_FIELD_VAR)
            if wanted and not self.to_field_allowed(request, wanted):
                raise DisallowedModelAdminToField(wanted)
            # Django's own, which tells the window behind: a page's own would say that it was made now.
            return super().response_add(request, record) if is_new else super().response_change(request, record)
        messages.info(request, _said(record))
        if "_addanother" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        if record is not None:
            return HttpResponseRedirect(self.change_url(record))
        return HttpResponseRedirect(self.list_url() if self.has_view_permission(request) else reverse("admin:index"))

    def made_before(self, request: HttpRequest, sent: Sending) -> Record | None:
        """What the form made the first time, if it is still there and this person may see it."""
        record = self.record(request, sent.earlier.record_key) if sent.earlier and sent.earlier.record_key else None
        return record if record is not None and self.has_view_permission(request, record) else None

    def _said_of_more(self, request: HttpRequest, sent: Sending) -> str:
        record = self.made_before(request, sent)
        more = _("What you have changed since is still here. To save it as another one, press the button again.")
        return f"{_said(record)} {more}"


def _said(record: models.Model | None) -> str:
    return _("This was saved already: %s.") % record if record is not None else _("This was saved already.")


def note_made(request: HttpRequest, record: models.Model) -> None:
    """Says which record a button made, where its answer does not lead to that record's page."""
    request.__dict__["_console_made"] = record


def made_by_button(request: HttpRequest, answer: HttpResponse, obj: models.Model | None) -> models.Model | None:
    """Return what a button made: what it said, else the record whose page its answer leads to, else its own record."""
    noted: models.Model | None = request.__dict__.get("_console_made")
    return noted or _at(request, answer.headers.get("Location") or answer.headers.get("HX-Redirect") or "") or obj


def _at(request: HttpRequest, address: str) -> models.Model | None:
    """The record whose page of the console has that address, as far as this person sees it."""
    try:
        found = resolve(address.partition("#")[0].partition("?")[0])
    except Resolver404:
        return None
    page = getattr(found.func, "model_admin", None)
    key = found.kwargs.get("object_id")
    if page is None or key is None or not str(found.url_name).endswith("_change"):
        return None
    record: models.Model | None = page.record(request, key)
    return record


def page_of_made(request: HttpRequest, sent: Sending) -> tuple[models.Model, str] | None:
    """What a form made the first time, and its page; None where there is none, or none for this person."""
    if sent.earlier is None or not sent.earlier.kind:
        return None
    try:
        page = admin.site.get_model_admin(apps.get_model(sent.earlier.kind))
    except (LookupError, NotRegistered):
        return None
    if not isinstance(page, CountsOnce) or (record := page.made_before(request, sent)) is None:
        return None
    return record, page.change_url(record)


def say_done_before(request: HttpRequest, sent: Sending, obj: models.Model | None) -> str:
    """Tells that a button was pressed already; returns the page of what it made, empty where that has none."""
    found = page_of_made(request, sent)
    if found is None or found[0] == obj:
        messages.info(request, _("This was done already."))
        return ""
    messages.info(request, _("This was done already: %s.") % found[0])
    return found[1]


def done_before_in_words() -> str:
    """Of a question that was answered already, and is answered again in other words."""
    return _("This was done already. To do it once more, with what stands here now, press the button again.")
