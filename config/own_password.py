"""A new password in the console."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from unfold.forms import AdminOwnPasswordChangeForm

from accounts.own_password import OldPasswordForm
from accounts.services.sign_in import password_was_chosen


class ConsolePasswordForm(OldPasswordForm, AdminOwnPasswordChangeForm):
    """The old password, and the new one twice. A wrong old one counts as a guess."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request


class ConsolePasswordChange(PasswordChangeView):
    """As on the companion site: every other session ends, a pause is over, and it is a security event."""

    form_class = ConsolePasswordForm
    success_url = reverse_lazy("admin:password_change_done")
    template_name = "registration/password_change_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        password_was_chosen(form.user)
        return response
