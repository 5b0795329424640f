"""The second step of signing in, and the page where one sets it up. For portal users and staff alike."""

from __future__ import annotations

import base64

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User
from accounts.services import two_factor
from console.errors import Refused
from portal_site import second_step
from portal_site.forms import CodeForm, SecondStepForm
from portal_site.visitor import PortalRequest

PAGE = "portal_site/pages/two_factor.html"
WRONG = _lazy("This code is not right, or it was used already. Wait for the next one and try again.")


@never_cache
@login_required
@sensitive_post_parameters("code")
def ask_second_step(request: PortalRequest) -> HttpResponse:
    """Asks for the code. A right one renews the session and leads on to where they were going."""
    if second_step.is_done(request):
        return HttpResponseRedirect(_next(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if two_factor.check_code(request.visitor.require_login(), form.cleaned_data["code"]):
            second_step.mark_done(request)
            return HttpResponseRedirect(_next(request))
        form.add_error(
            "code", _("This code is not right, or it was used already. Wait for the next one and try again.")
        )
    status = 422 if form.errors else 200
    return render(request, "portal_site/pages/second_step.html", {"form": form, "next": _next(request)}, status=status)


@never_cache
@login_required
@sensitive_post_parameters("code", "own_password")
def two_factor_page(request: PortalRequest) -> HttpResponse:
    """Sets the second step up, renews the recovery codes, or switches it off again."""
    user = request.visitor.require_login()
    if request.method == "POST":
        action = {"confirm": _confirm, "renew": _renew, "off": _switch_off}.get(request.POST.get("action", ""))
        if action is not None:
            return action(request, user)
    return _show(request, user, SecondStepForm(request=request))


def _show(request: PortalRequest, user: User, form: SecondStepForm, **more: object) -> HttpResponse:
    context: dict[str, object] = {
        "form": form,
        "next": _next(request, ""),
        "is_demanded": _is_demanded(request, user),
    } | more
    if not user.two_factor_since:
        device = two_factor.begin_enrolment(user)
        picture = two_factor.qr_code_of(device, request.visitor.settings.portal_name)
        context |= {
            "secret": two_factor.secret_of(device),
            "picture": f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}",
        }
    return render(request, PAGE, context, status=422 if form.errors else 200)


def _is_demanded(request: PortalRequest, user: User) -> bool:
    return bool(user.is_staff and request.visitor.settings.staff_two_factor)


def _confirm(request: PortalRequest, user: User) -> HttpResponse:
    form = SecondStepForm(request.POST, request=request)
    if form.is_valid():
        try:
            codes = two_factor.confirm_enrolment(user, form.cleaned_data["code"], by=user)
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            second_step.mark_done(request)
            return _show(request, user, SecondStepForm(request=request), codes=codes)
    return _show(request, user, form)


def _renew(request: PortalRequest, user: User) -> HttpResponse:
    form = SecondStepForm(request.POST, request=request)
    if _proves(form, user):
        return _show(
            request, user, SecondStepForm(request=request), codes=two_factor.renew_recovery_codes(user, by=user)
        )
    return _show(request, user, form)


def _switch_off(request: PortalRequest, user: User) -> HttpResponse:
    form = SecondStepForm(request.POST, request=request)
    if _is_demanded(request, user):
        form.add_error(None, _("The office asks two-factor sign-in of its staff: it cannot be switched off."))
    elif _proves(form, user):
        two_factor.switch_off(user, by=user)
        messages.success(request, _("Two-factor sign-in is off."))
        return redirect("portal_site:two_factor")
    return _show(request, user, form)


def _proves(form: SecondStepForm, user: User) -> bool:
    """Whoever finds an open computer must not change this without the telephone."""
    if not user.two_factor_since or not form.is_valid():
        return False
    if two_factor.check_code(user, form.cleaned_data["code"]):
        return True
    form.add_error("code", WRONG)
    return False


def _next(request: PortalRequest, otherwise: str | None = None) -> str:
    """Where they were going, if that is a page of ours; else the start."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    if otherwise is not None:
        return otherwise
    user = request.visitor.require_login()
    has_portal = getattr(user, "portal_user", None) is not None
    return reverse("portal_site:home" if has_portal or not user.is_staff else "admin:index")
