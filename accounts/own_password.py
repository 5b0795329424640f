"""Asking for one's own password once more, before something that an open computer must not do for a stranger."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import INPUT_CLASSES

if TYPE_CHECKING:
    from console.kit import ConsoleModelAdmin

_asking: ContextVar[bool] = ContextVar("asking_for_own_password", default=False)


def is_asking() -> bool:
    """Return whether the password that is being tried is that of somebody who is signed in already."""
    return _asking.get()


def require_own_password(request: HttpRequest, password: str) -> None:
    """Raises ValidationError unless that is the password of whoever is signed in.

    A wrong one counts as a guess, as on the login page, and in a pause the right one is refused too. It is a security
    event of its own kind: nobody tried to sign in. That is said in
    the form, a dialog as well as a page: the session and what was typed stay.
    """
    asking = _asking.set(True)
    try:
        if password and authenticate(request, username=request.user.get_username(), password=password) == request.user:
            return
    finally:
        _asking.reset(asking)
    if getattr(request, "axes_locked_out", False):
        # Else the middleware of axes would answer with the page of the login.
        request.__dict__["axes_locked_out"] = False
        raise ValidationError(_("The password was wrong too often. Wait 15 minutes and try again."), code="paused")
    raise ValidationError(_("This is not your password. Capitals matter."), code="password_incorrect")


class OwnPasswordInput(forms.PasswordInput):
    """As the console's other fields look. No browser fills it in by itself, with an address of its own beside it."""

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES), "autocomplete": "new-password"})


class OwnPasswordField(forms.CharField):
    """The password of whoever is signed in. The form checks it with ``require_own_password``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Your password"))
        options.setdefault("widget", forms.PasswordInput(attrs={"autocomplete": "current-password"}))
        options.setdefault("error_messages", {"required": gettext_lazy("Type your password.")})
        super().__init__(strip=False, max_length=4096, **options)


class OldPasswordForm(forms.Form):
    """Part of a form that changes one's password (Django's): a wrong old one counts as a guess."""

    request: HttpRequest

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        require_own_password(self.request, old)
        return old


class ChangedAddressForm(forms.ModelForm):
    """Part of a console form of an account: a changed e-mail needs the password of whoever changes it.

    ``request`` is set by the page, see ``AsksForPassword``.
    """

    request: HttpRequest

    own_password = OwnPasswordField(
        required=False,
        widget=OwnPasswordInput(),
        help_text=gettext_lazy("Asked for only when you change the e-mail address. Yours, not this person's."),
    )

    def address_before(self) -> str:
        """The address that the account has now; "" when there is no account yet."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        before = self.address_before()
        if before and "email" in said and said["email"] != before:
            try:
                require_own_password(self.request, said.get("own_password", ""))
            except ValidationError as refusal:
                self.add_error("own_password", refusal)
        return said


if TYPE_CHECKING:
    _Page = ConsoleModelAdmin
else:
    _Page = object


class AsksForPassword(_Page):
    """Part of such a page of the console: the form gets the request, and the field stands only where one may save."""

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **options)
        return type(form.__name__, (form,), {"request": request})

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (title, first), *others = fieldsets
        return [(title, {**first, "fields": (*first["fields"], "own_password")}), *others]
