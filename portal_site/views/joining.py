"""Coming in for the first time: by invitation, by sign-up, through a colleague."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import PortalUserState
from accounts.languages import language_of_this_page
from accounts.models import Invitation
from accounts.services import make_invitation, use_invitation
from accounts.services.invitations import invitation_of
from audit.address import client_network
from business.models import PortalSettings
from console.errors import Refused
from permissions.services import activate, invite_colleague, remove_colleague, sign_up
from portal_site import refusals
from portal_site.doors import READ_OR_SEND, portal_page
from portal_site.joining import ActivationForm, ColleagueForm, PasswordForm, SignUpForm
from portal_site.throttle import allow_request
from portal_site.visitor import PortalRequest

BACKEND = "permissions.backend.PorticoBackend"


def _too_many(request: PortalRequest, what: str, account: str) -> HttpResponse | None:
    """The page that says so, when this account or this network address has asked too often."""
    if allow_request(what, account=account, address=client_network(request)):
        return None
    return _secret(render(request, "portal_site/pages/too_many_tries.html", {"hour": True}, status=429))


def _secret(response: HttpResponse) -> HttpResponse:
    """A page whose address is a key: kept nowhere. It is told to nobody else by the site's own referrer policy.

    A stricter one than same-origin makes browsers send ``Origin: null`` with the form, which no CSRF check lets in.
    """
    add_never_cache_headers(response)
    return response


def _is_dead(invitation: Invitation | None) -> bool:
    """Does nothing more come of this link, not even a fresh mail?"""
    if invitation is None or invitation.used_at or invitation.withdrawn_at or not invitation.user.is_active:
        return True
    person = getattr(invitation.user, "portal_user", None)
    return person is not None and person.state in (PortalUserState.SUSPENDED, PortalUserState.REMOVED)


@sensitive_post_parameters("password")
@require_http_methods(READ_OR_SEND)
def join(request: PortalRequest, token: str) -> HttpResponse:
    """Where an invitation leads. Reading it changes nothing: mail scanners open links."""
    invitation = invitation_of(token)
    if invitation is None or _is_dead(invitation):
        return _secret(render(request, "portal_site/pages/join_ended.html", status=404))
    if not invitation.is_good:
        return _secret(render(request, "portal_site/pages/join_expired.html", {"token": token}, status=410))
    is_activation = invitation.purpose == Invitation.Purpose.ACTIVATION
    data = request.POST if request.method == "POST" else None
    form = ActivationForm(data) if is_activation else PasswordForm(invitation, data)
    if data is not None and form.is_valid():
        try:
            return _let_in(request, invitation, form.cleaned_data)
        except Refused as refusal:
            form.add_error("password", str(refusal))
        except ValidationError as refusal:
            form.add_error("password", refusal)
    context = {"form": form, "invitation": invitation, "is_activation": is_activation}
    return _secret(render(request, "portal_site/pages/join.html", context))


def _let_in(request: PortalRequest, invitation: Invitation, said: dict[str, str]) -> HttpResponse:
    if invitation.purpose == Invitation.Purpose.ACTIVATION:
        user = activate(invitation, said["password"])
    else:
        user = use_invitation(
            invitation,
            password=said["password"],
            name=said["full_name"],
            phone=said["phone"],
            language=language_of_this_page(),
        )
    login(request, user, backend=BACKEND)
    messages.success(request, _("Welcome, %s. You are signed in.") % user.get_short_name())
    return redirect("admin:index" if invitation.purpose == Invitation.Purpose.STAFF else "portal_site:home")


@require_POST
def fresh_invitation(request: PortalRequest, token: str) -> HttpResponse:
    """Sends a fresh mail in place of an expired one: to the address on record, wherever the question comes from."""
    invitation = invitation_of(token)
    if invitation is None or _is_dead(invitation):
        return _secret(render(request, "portal_site/pages/join_ended.html", status=404))
    too_many = _too_many(request, "fresh_invitation", invitation.user.email)
    if too_many is not None:
        return too_many
    if not invitation.is_good:
        make_invitation(invitation.user, by=None, purpose=invitation.purpose)
    return _secret(render(request, "portal_site/pages/signup_sent.html", {"again": True}))


@sensitive_post_parameters("password")
@require_http_methods(READ_OR_SEND)
def signup(request: PortalRequest) -> HttpResponse:
    """Sign-up, where the portal is public. The answer is the same whether the address is known or not."""
    settings = request.visitor.settings
    if not settings.portal_enabled:
        return refusals.portal_off(request)
    if settings.access != PortalSettings.Access.PUBLIC:
        raise Http404
    form = SignUpForm(settings, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        too_many = _too_many(request, "signup", form.cleaned_data["email"])
        if too_many is not None:
            return too_many
        sign_up(form.said())
        return redirect("portal_site:signup_sent")
    return render(request, "portal_site/pages/signup.html", {"form": form})


@require_safe
def signup_sent(request: PortalRequest) -> HttpResponse:
    """Says that a mail comes, if the address is new."""
    if request.visitor.settings.access != PortalSettings.Access.PUBLIC:
        raise Http404
    return render(request, "portal_site/pages/signup_sent.html")


@require_http_methods(READ_OR_SEND)
@portal_page(permission="manage_colleagues")
def colleagues(request: PortalRequest) -> HttpResponse:
    """The people of her customers: invite somebody, take somebody away."""
    visitor = request.visitor
    person = visitor.require_person()
    current = visitor.customers_to_manage().current()
    form = ColleagueForm(current, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            invite_colleague(person, said["customer"], email=said["email"], name=said["full_name"])
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("%s is invited.") % said["full_name"])
            return redirect("portal_site:colleagues")
    people = [
        {
            "link": link,
            "reference": signing.dumps(link.pk, salt="colleague"),
            "is_self": link.portal_user_id == person.pk,
        }
        for link in visitor.colleagues()
    ]
    context = {"form": form, "people": people, "may_invite": current.exists()}
    return render(request, "portal_site/pages/colleagues.html", context)


@require_POST
@portal_page(permission="manage_colleagues")
def remove_from_account(request: PortalRequest) -> HttpResponse:
    """Takes a colleague's link away."""
    try:
        key = signing.loads(request.POST.get("who", ""), salt="colleague", max_age=24 * 60 * 60)
    except signing.BadSignature:
        raise Http404 from None
    link = request.visitor.colleagues().filter(pk=key).first()
    if link is None:
        raise Http404
    try:
        remove_colleague(request.visitor.require_person(), link)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = {"person": link.portal_user, "customer": link.customer}
        messages.success(request, _("%(person)s no longer acts for %(customer)s.") % said)
    return redirect(reverse("portal_site:colleagues"))
