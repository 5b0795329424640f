"""Buttons: they name their permission, ask first, and write on POST only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from unfold.enums import ActionVariant

from audit.headers import address_header
from console.addresses import left_out
from console.errors import Refused, beaten_in_words
from console.kept_filters import stay_at_record
from console.kit.forms import DialogForm
from console.kit.once import done_before_in_words, made_by_button, say_done_before
from console.once import Sending, digest_of_form, key_of, new_key, sending, sent_before
from console.shapes import AnyPage, Words

if TYPE_CHECKING:
    pass

# What an action answers with: the sentence that says what was done, or a page.
Result = str | Promise | HttpResponse
# A button as Django and Unfold call it.
Button = Callable[..., HttpResponse]


class ConsoleAction:
    """What a button is and whom it serves."""

    def __init__(self, permission: str, possible: Callable[[Any], bool] | None, shown: bool = True) -> None:
        self.permission = permission
        self.possible = possible
        self.shown = shown

    def is_allowed(self, model_admin: AnyPage, request: HttpRequest, obj: models.Model | None) -> bool:
        if "." in self.permission:
            return bool(request.user.has_perm(self.permission, obj))
        may: Callable[..., bool] = getattr(model_admin, f"has_{self.permission}_permission")
        return may(request) if self.permission == "add" else may(request, obj)

    def is_offered(self, model_admin: AnyPage, request: HttpRequest, obj: models.Model | None) -> bool:
        return self.shown and self.is_allowed(model_admin, request, obj) and self.is_possible(obj)

    def is_possible(self, obj: models.Model | None) -> bool:
        """Does the record's state leave room for it?"""
        return obj is None or self.possible is None or self.possible(obj)


def console_action(
    *,
    permission: str,
    description: Words,
    text: Words | Callable[..., Words] = "",
    submit: Words | None = None,
    form_class: type[DialogForm] = DialogForm,
    possible: Callable[[Any], bool] | None = None,
    too_late: Callable[[], str] | None = None,
    shown: bool = True,
    icon: str | None = None,
    variant: ActionVariant = ActionVariant.DEFAULT,
    on_a_page: bool = False,
) -> Callable[[Callable[..., Result]], Button]:
    """A button that names its permission, loads its record through the scoped queryset, asks, and writes on POST only.

    ``permission``: "change", "view", "add", "delete" of the page's model, or a full code such as "jobs.cancel_job".
    ``text``: what it will do, in numbers where there are any; a string, or a function of (request, obj).
    ``possible``: where the record's state rules it out there is no button, and its address does nothing. ``too_late``:
    the sentence that says why, where there is a better one than that it changed. ``shown``: False for an action that a
    page offers in a place of its own. ``form_class``: more questions to ask.
    ``on_a_page``: asks on a page of its own, for questions too long for a dialog.

    The decorated method gets (request, obj, form), calls one service and returns the sentence that says what was
    done, or a response. What the service refuses (Refused, ValidationError) is shown in the dialog; nothing is lost.
    It runs in a transaction, and once for each question that was shown (console.once): sent again, the page of what it
    made answers. Where neither its answer nor ``obj`` is that page, it says so with ``note_made``.
    """

    def decorate(function: Callable[..., Result]) -> Button:
        console = ConsoleAction(permission, possible, shown)

        @wraps(function)
        def view(
            model_admin: AnyPage, request: HttpRequest, object_id: int | str | None = None, **kwargs: Any
        ) -> HttpResponse:
            obj = None
            if object_id is not None:
                obj = model_admin.record(request, object_id)
                if obj is None:
                    raise Http404
            if not console.is_allowed(model_admin, request, obj):
                raise PermissionDenied
            posted = request.method == "POST"
            is_sent = posted and "_preview" not in request.POST
            key, digest = key_of(request), digest_of_form(request) if is_sent else ""
            before = sent_before(request.user, request.path, key, digest) if is_sent else None
            if before is not None and before.is_unchanged:
                return _answer_again(model_admin, request, obj, before)
            if obj is not None and not console.is_possible(obj):
                return _too_late(model_admin, request, obj, too_late)
            form = form_class(
                data=request.POST if posted else None,
                files=request.FILES if posted else None,
                request=request,
                object_id=object_id,
            )
            form.about(obj)
            # A preview shows what the choice would do (console.forecast) and does nothing.
            if is_sent:
                try:
                    with sending(request.user, request.path, key, digest) as sent:
                        if sent.is_unchanged:
                            return _answer_again(model_admin, request, obj, sent)
                        if sent.is_repeated and form.is_valid():
                            form.add_error(None, done_before_in_words())
                        if form.is_valid():
                            answer = _answer(model_admin, request, obj, function(model_admin, request, obj, form))
                            if sent.is_noted and (made := made_by_button(request, answer, obj)):
                                sent.made(made)
                            return answer
                        sent.withdraw()
                except (Refused, ValidationError) as refusal:
                    sentences = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
                    for sentence in sentences:
                        form.add_error(None, sentence)
                except IntegrityError:
                    form.add_error(None, beaten_in_words())
            explained = text(request, obj) if callable(text) else text
            return _ask(model_admin, request, obj, form, description, explained, submit)

        # What Unfold reads of a button, and the kit.
        vars(view).update(
            short_description=description,
            console=console,
            attrs={},
            icon=icon,
            variant=variant,
            dialog=None if on_a_page else {"title": description},
            original_function_name=function.__name__,
        )
        return view

    return decorate


def _too_late(
    model_admin: AnyPage, request: HttpRequest, obj: models.Model, why: Callable[[], str] | None
) -> HttpResponse:
    """Its state rules the action out by now: somebody was faster, or the address was typed by hand."""
    sentence = why() if why else _("%s has changed meanwhile: this is not possible any more.") % obj
    messages.warning(request, sentence)
    return _lead_to(request, stay_at_record(request, model_admin.change_url(obj)))


def _answer_again(model_admin: AnyPage, request: HttpRequest, obj: models.Model | None, sent: Sending) -> HttpResponse:
    """The same question answered a second time: a sentence, and the page of what was made of it the first time."""
    target = say_done_before(request, sent, obj)
    if not target:
        here = stay_at_record(request, model_admin.change_url(obj)) if obj else model_admin.list_url()
        target = _came_from(request) or here
    return _lead_to(request, target)


def _answer(model_admin: AnyPage, request: HttpRequest, obj: models.Model | None, result: Result) -> HttpResponse:
    """After the action: a sentence, and the page one came from, read anew."""
    if isinstance(result, HttpResponse):
        target = result.headers.get("Location")
        if target is None:
            return result
    else:
        messages.success(request, str(result))
        if wanted := _came_from(request):
            target = wanted
        elif obj is not None and type(obj)._base_manager.filter(pk=obj.pk).exists():
            target = stay_at_record(request, model_admin.change_url(obj))
        else:
            target = model_admin.list_url()
    return _lead_to(request, target)


def _lead_to(request: HttpRequest, target: str) -> HttpResponse:
    """The way to another page, also out of a dialog."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address_header(target)})
    return HttpResponseRedirect(target)


def _came_from(request: HttpRequest) -> str:
    """The page of ours that a button's address names (``?next=``) to come back to; empty without one."""
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def _ask(
    model_admin: AnyPage,
    request: HttpRequest,
    obj: models.Model | None,
    form: Form,
    title: Words,
    text: Words,
    submit: Words | None,
) -> HttpResponse:
    """The question: a dialog where the page asked for one, a page of its own without JavaScript."""
    context = {
        "dialog": {"title": title, "description": text},
        "form": form,
        "form_submit_text": submit or title,
        # Of the question that was shown; a new one where that has counted.
        "once": new_key() if sent_before(request.user, request.path, key_of(request)) else key_of(request) or new_key(),
        # Said inside the question: a dialog has no place above it.
        "left_out": left_out(request),
    }
    if getattr(request, "htmx", False):
        return TemplateResponse(request, "console/dialog.html", context)
    context |= {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "original": obj,
        "back": _came_from(request) or (model_admin.change_url(obj) if obj is not None else model_admin.list_url()),
    }
    return TemplateResponse(request, "console/confirm.html", context)
