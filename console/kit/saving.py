"""One handling of what a service refuses, and for two people who save at once.

A form that a service refuses, and one whose record somebody else saved in the meantime, comes back as it was typed,
with the sentence on top.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from audit import changelog
from audit.differences import CHANGED
from audit.locks import lock_rows
from audit.private_hooks import key_of_inline
from console.errors import Refused, beaten_in_words
from console.keys import is_key
from console.reach import open_to_all, require_reach
from console.reader import StaffReader
from console.shapes import AnyForm, AnyFormSet, Context, Record

if TYPE_CHECKING:
    _Form = forms.ModelForm[models.Model]
else:
    _Form = object


class KeepsWhatWasTyped(ModelAdmin[Record]):
    """A record's page that does so."""

    if TYPE_CHECKING:

        def record(self, request: HttpRequest, object_id: int | str) -> Record | None: ...

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        for attempt in range(3):
            try:
                return super().changeform_view(request, object_id, form_url, extra_context)
            except Refused as refusal:
                refusals_of(request).append((None, str(refusal)))
            except ValidationError as refusal:
                refusals_of(request).extend(_sentences(refusal))
            except IntegrityError:
                # Somebody saved the same name in the same moment. Asked again, the form finds it, and says where.
                if attempt:
                    refusals_of(request).append((None, beaten_in_words()))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Context | None
    ) -> HttpResponse:
        """Django's page of a record, inside the transaction in which it saves."""
        record = self.record(request, object_id) if object_id else None
        context = extra_context or {}
        if record is None:
            return super()._changeform_view(request, object_id, form_url, context)
        if request.method == "POST" and self.has_change_permission(request, record):
            # Locked before it is compared: of two who save in the same moment, the second is told of the first.
            lock_rows(type(record), [record.pk])
            stale = self._changed_since(request, record)
            if stale and (None, stale) not in refusals_of(request):
                refusals_of(request).append((None, stale))
        return super()._changeform_view(request, object_id, form_url, {"seen": self._marks(request, record), **context})

    # Must a new record lie in what was granted to whoever adds it? Not where a service has asked, and takes more.
    is_judged_when_added = True

    def save_related(self, request: HttpRequest, form: AnyForm, formsets: Sequence[AnyFormSet], change: bool) -> None:
        """Refuses, once all is saved, what lies beyond reach by now: a record moved to another customer, a new one for
        a customer to look at. The transaction ends with the refusal."""
        super().save_related(request, form, formsets, change)
        saved: list[models.Model] = [form.instance] if change or self.is_judged_when_added else []
        for formset in formsets:
            saved += getattr(formset, "new_objects", [])
            saved += [record for record, _fields in getattr(formset, "changed_objects", [])]
        for record in saved:
            if record.pk is not None and (empty := open_to_all(request.user, record)):
                fields = form.fields if record is form.instance else {}
                raise ValidationError(
                    {name if name in fields else NON_FIELD_ERRORS: said for name, said in empty.items()}
                )
        require_reach(request.user, *(record for record in saved if record.pk is not None))

    def get_form(self, request: HttpRequest, obj: Record | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        # Pages go on to change fields for whoever asks. Those that a form class declares belong to all requests: of
        # two at once, one would be shown, and asked by, what the other may choose.
        form.declared_fields = copy.deepcopy(form.declared_fields)
        form.base_fields = {name: form.declared_fields.get(name, field) for name, field in form.base_fields.items()}
        if not refusals_of(request):
            return form
        seen = self._as_seen(request, obj) if obj is not None else None
        return type(form.__name__, (_RefusedForm, form), {"refusals": refusals_of(request), "seen": seen})

    def _as_seen(self, request: HttpRequest, obj: Record) -> models.Model | None:
        """The record as it was when the page was shown that this request answers; None when nobody changed it since."""
        marks = dict(part.rsplit(":", 1) for part in request.POST.get("_seen", "").split(",") if ":" in part)
        mark = marks.get(type(obj)._meta.label_lower, "")
        if not is_key(mark) or not hasattr(type(obj)._meta, "simple_history_manager_attribute"):
            return None
        row = changelog.history_of(type(obj)).filter(history_id=mark).first()
        if row is None or getattr(row, type(obj)._meta.pk.attname) != obj.pk:
            return None
        before: models.Model = row.instance
        return before

    def _histories(self, request: HttpRequest, record: Record) -> Iterator[tuple[type[models.Model], dict[str, int]]]:
        """The histories a page is made of: the record's own, and those of the rows in its inlines."""
        tracked = set(changelog.tracked_models())
        if self.model in tracked:
            yield self.model, {self.opts.pk.attname: record.pk}
        for inline in self.get_inline_instances(request, record):
            # What can only be read here is nobody's to overwrite.
            editable = inline.has_change_permission(request, record) or inline.has_add_permission(request, record)
            if inline.model in tracked and editable:
                key = key_of_inline(self.model, inline.model, inline.fk_name)
                yield inline.model, {key.attname: record.pk}

    def _marks(self, request: HttpRequest, record: Record) -> str:
        """How far the histories of a page went when it was shown: "app.model:row" for each."""
        return ",".join(
            f"{model._meta.label_lower}:{changelog.newest_of(model, **condition)}"
            for model, condition in self._histories(request, record)
        )

    def _changed_since(self, request: HttpRequest, record: Record) -> str:
        """Who changed what since the page was shown, in a sentence; empty when nobody did."""
        marks = dict(part.rsplit(":", 1) for part in request.POST.get("_seen", "").split(",") if ":" in part)
        entries = []
        for model, condition in self._histories(request, record):
            mark = marks.get(model._meta.label_lower, "")
            if is_key(mark):
                entries += changelog.entries_since(model, int(mark), StaffReader(request.user), **condition)
        if not entries:
            return ""
        newest = max(entries, key=lambda entry: entry.at)
        return _(
            "%(who)s saved this at %(time)s, after you had opened it. %(what)s "
            "Nothing of yours was saved yet, and all you typed is still here; what you left alone is as they saved it. "
            "Save again to put yours in place, or reload the page to see it as it is now."
        ) % {
            "who": newest.actor,
            "time": date_format(timezone.localtime(newest.at), "DATETIME_FORMAT"),
            "what": " ".join(_in_words(entry, self.model) for entry in entries[:5]),
        }


def refusals_of(request: HttpRequest) -> list[tuple[str | None, str]]:
    """(field or None, sentence): why this request's form is refused, besides its own rules."""
    found: list[tuple[str | None, str]] = request.__dict__.setdefault("_console_refusals", [])
    return found


def _sentences(problem: ValidationError) -> list[tuple[str | None, str]]:
    if hasattr(problem, "error_dict"):
        return [(name, sentence) for name, said in problem.message_dict.items() for sentence in said]
    return [(None, sentence) for sentence in problem.messages]


def _in_words(entry: changelog.LogEntry, page_model: type[models.Model]) -> str:
    """One change of somebody else's, short enough to stand above a form."""
    changes = ", ".join(
        f"{change.label}: “{Truncator(change.before).chars(40)}” → “{Truncator(change.after).chars(40)}”"
        for change in entry.changes[:6]
    )
    if entry.model is page_model and entry.kind == CHANGED:
        return f"{changes}."
    head = f"{entry.model_label} “{entry.record}” {entry.kind_label}"
    return f"{head} ({changes})." if changes and entry.kind == CHANGED else f"{head}."


class _RefusedForm(_Form):
    """A form that is valid by its own rules, and is refused for what the request carries.

    ``seen``: the record as it was when the page was shown. What this person left alone and somebody else changed
    since is brought up to date in the form, so that saving again takes back nothing she never touched.
    """

    refusals: list[tuple[str | None, str]]
    seen: models.Model | None

    def full_clean(self) -> None:
        if self.is_bound and self.seen is not None and not hasattr(self, "_carried"):
            self._carried = True
            self._carry_over()
        super().full_clean()
        if self.is_bound:
            for name, sentence in self.refusals:
                self.add_error(name if name in self.fields else None, sentence)

    def _carry_over(self) -> None:
        assert self.seen is not None
        was, now = model_to_dict(self.seen), self.initial
        data: QueryDict = self.data.copy()  # type: ignore[attr-defined]  # a page's form holds what was sent
        for name, form_field in self.fields.items():
            if name not in was or name not in now or was[name] == now[name]:
                continue
            key = self.add_prefix(name)
            if carry := getattr(form_field.widget, "carry_over", None):
                carry(data, key, was[name], now[name])
            elif not form_field.has_changed(was[name], form_field.widget.value_from_datadict(data, self.files, key)):
                _put(data, key, form_field, now[name])
        self.data = data


def _put(data: QueryDict, key: str, form_field: forms.Field, value: Any) -> None:
    """A field's value as its widget would send it. Widgets of several parts stay as they are."""
    if isinstance(form_field.widget, forms.MultiWidget):
        return
    if isinstance(form_field, forms.BooleanField):
        data.pop(key, None)
        if value:
            data[key] = "on"
    elif isinstance(value, list | tuple | set):
        data.setlist(key, [str(getattr(item, "pk", item)) for item in value])
    else:
        prepared = form_field.prepare_value(value)
        shown = form_field.widget.format_value(prepared) if hasattr(form_field.widget, "format_value") else prepared
        data[key] = "" if value is None else str(shown[0] if isinstance(shown, list) and shown else shown)
