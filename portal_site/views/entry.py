"""Coming in and going out: sign in, sign out, a forgotten password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from accounts.known_browsers import remember_browser
from accounts.models import User
from accounts.services.sign_in import password_was_chosen
from business.models import PortalSettings
from portal_site import refusals
from portal_site.doors import portal_page
from portal_site.forms import ChangePasswordForm, PasswordResetForm, SignInForm
from portal_site.visitor import PortalRequest


class SignIn(auth_views.LoginView):
    """The login page. Staff may sign in here too, and are told where the console is."""

    form_class = SignInForm
    template_name = "portal_site/pages/login.html"
    redirect_authenticated_user = True
    request: PortalRequest

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "GET" and not self.request.visitor.settings.portal_enabled:
            return refusals.portal_off(self.request)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        public = self.request.visitor.settings.access == PortalSettings.Access.PUBLIC
        return super().get_context_data(**kwargs) | {"is_public": public}


class SignOut(auth_views.LogoutView):
    """Ends the session. By POST only: a link somebody sends must not sign anybody out."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        messages.success(request, _("You are signed out."))
        return response


class ForgottenPassword(auth_views.PasswordResetView):
    """Asks for the address. The answer is the same whether it is known or not."""

    form_class = PasswordResetForm
    template_name = "portal_site/pages/password_reset.html"
    success_url = reverse_lazy("portal_site:password_reset_sent")


class ResetSent(auth_views.PasswordResetDoneView):
    """Says that a mail comes if the address is known."""

    template_name = "portal_site/pages/password_reset_sent.html"


class NewPassword(auth_views.PasswordResetConfirmView):
    """Where the mail leads: a new password, or the news that the link is too old."""

    template_name = "portal_site/pages/password_reset_confirm.html"
    success_url = reverse_lazy("portal_site:login")

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        response = super().form_valid(form)
        # Whoever reads this mailbox is no stranger: the pause is over, and no stranger's tries count here again.
        password_was_chosen(form.user)
        remember_browser(self.request, form.user)
        messages.success(self.request, _("Your password is changed. Sign in with the new one."))
        return response


@method_decorator(portal_page(), name="dispatch")
class ChangePassword(auth_views.PasswordChangeView):
    """The old password once, the new one twice. Every other session of theirs ends."""

    form_class = ChangePasswordForm
    template_name = "portal_site/pages/password_change.html"

    def get_form_kwargs(self) -> dict[str, object]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        password_was_chosen(form.user)
        return response

    def get_success_url(self) -> str:
        messages.success(self.request, _("Your password is changed. You are signed out everywhere else."))
        return reverse("portal_site:me")
