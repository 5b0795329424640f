"""What is done to the ticked rows of a list: asked first, one service a record."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.errors import Refused, beaten_in_words
from console.kit.buttons import ConsoleAction
from console.kit.forms import DialogForm
from console.kit.once import done_before_in_words
from console.once import digest_of_form, key_of, new_key, sending, sent_before
from console.scope import ScopedQuerySet
from console.shapes import AnyPage, AnyRows, Words

if TYPE_CHECKING:
    pass

# What is done to one record: (page, request, record, form). What it returns counts for nothing.
BulkAction = Callable[..., Any]


def console_bulk_action(
    *,
    permission: str,
    description: Words,
    done: Words,
    text: Words | Callable[..., Words] = "",
    submit: Words | None = None,
    form_class: type[DialogForm] = DialogForm,
    limit: int = 500,
    together: bool = False,
) -> Callable[[BulkAction], Callable[..., HttpResponse | None]]:
    """Something done to the ticked rows of a list: asks on a page of its own what it will do, writes on POST only.

    ``permission``: a full code ("jobs.schedule_job"), or "change", "delete" of the list's model. ``done``: how the
    result is counted, a plural form with one %d (``ngettext_lazy``). ``text``: what it will do, in numbers; a string,
    or a function of (request, records). ``form_class``: more questions. ``limit``: at most so many records at once.

    The decorated method gets (request, record, form) once for each record that the person may change, and calls one
    service. A record that a service refuses is named with the reason; the others are done. ``together``: it gets all
    of them at once instead, (request, records, form), in one transaction, and returns the sentence that says what was
    done, or the page that shows it; what it refuses is said in the question, and ``done`` says nothing.
    """

    def decorate(function: BulkAction) -> Callable[..., HttpResponse | None]:
        console = ConsoleAction(permission, None)

        @wraps(function)
        def run(model_admin: AnyPage, request: HttpRequest, queryset: AnyRows) -> HttpResponse | None:
            if not console.is_allowed(model_admin, request, None):
                raise PermissionDenied
            key, digest = key_of(request), digest_of_form(request)
            before = sent_before(request.user, request.path, key, digest)
            if before is not None and before.is_unchanged:
                messages.info(request, _("This was done already."))
                return None
            if isinstance(queryset, ScopedQuerySet):
                queryset = queryset.visible_to(request.user, "change")
            records = list(queryset[: limit + 1])
            if not records:
                messages.warning(request, _("You may not change any of the rows you ticked."))
                return None
            if len(records) > limit:
                messages.error(request, _("At most %d rows at once. Tick fewer, or filter the list first.") % limit)
                return None
            preview = "_preview" in request.POST
            confirmed = "_form_submitted" in request.POST and not preview
            form = form_class(data=request.POST if confirmed or preview else None, request=request)
            form.about(records)
            if confirmed and form.is_valid():
                # Noted before anything is done: each record is a transaction of its own, and none waits for all.
                with sending(request.user, request.path, key, digest) as sent:
                    pass
                if not sent.is_repeated:
                    if not together:
                        _run_for_each(model_admin, request, records, form, function, done)
                        return None
                    if (answer := _run_for_all(model_admin, request, records, form, function)) is not None:
                        return answer
                    # Refused, and nothing is done: asked again, it counts.
                    key = ""
                elif sent.is_unchanged:
                    messages.info(request, _("This was done already."))
                    return None
                else:
                    form.add_error(None, done_before_in_words())
                    key = ""
            explained = text(request, records) if callable(text) else text
            context = {
                **model_admin.admin_site.each_context(request),
                "dialog": {"title": description, "description": explained},
                "title": description,
                "form": form,
                "form_submit_text": submit or description,
                "opts": model_admin.opts,
                "records": records[:20],
                "more": max(0, len(records) - 20),
                "back": request.get_full_path(),
                "once": key or new_key(),
                "hidden": [("action", function.__name__), ("index", "0"), ("select_across", "0")]
                + [(ACTION_CHECKBOX_NAME, str(record.pk)) for record in records],
            }
            return TemplateResponse(request, "console/confirm.html", context)

        vars(run).update(short_description=description, console=console)
        return run

    return decorate


def _run_for_all(
    model_admin: AnyPage,
    request: HttpRequest,
    records: list[models.Model],
    form: Form,
    function: BulkAction,
) -> HttpResponse | None:
    """Where the list goes on; None where a service refused, which the form says."""
    try:
        with transaction.atomic():
            answer = function(model_admin, request, records, form)
    except (Refused, ValidationError) as refusal:
        for sentence in refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]:
            form.add_error(None, sentence)
        return None
    except IntegrityError:
        form.add_error(None, beaten_in_words())
        return None
    if isinstance(answer, HttpResponse):
        return answer
    messages.success(request, str(answer))
    return HttpResponseRedirect(request.get_full_path())


def _run_for_each(
    model_admin: AnyPage,
    request: HttpRequest,
    records: list[models.Model],
    form: Form,
    function: BulkAction,
    done: Words,
) -> None:
    count, refused = 0, []
    for record in records:
        try:
            with transaction.atomic():
                function(model_admin, request, record, form)
            count += 1
        except (Refused, ValidationError) as refusal:
            said = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            refused.append(f"{record}: {' '.join(said)}")
        except IntegrityError:
            refused.append(f"{record}: {beaten_in_words()}")
    if count:
        messages.success(request, done % count)
    if refused:
        head = ngettext("%d was left as it is.", "%d were left as they are.", len(refused)) % len(refused)
        messages.warning(request, " ".join([head, *refused[:10], "…" if len(refused) > 10 else ""]).strip())
