"""The page of the console on which a member of staff chooses her language."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminRadioSelectWidget

from accounts.choices import Language
from accounts.models import User
from accounts.services import choose_language


class LanguageForm(forms.Form):
    """One of the languages we have, or what the browser asks for."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("As my browser asks")), *Language.choices],
        widget=UnfoldAdminRadioSelectWidget,
        help_text=gettext_lazy("Of the console, and of the messages Portico sends you."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def language_page(request: HttpRequest) -> HttpResponse:
    """Shows the choice, and keeps it."""
    user = request.user
    assert isinstance(user, User)
    form = LanguageForm(request.POST if request.method == "POST" else None, initial={"language": user.language})
    if form.is_valid():
        choose_language(user, form.cleaned_data["language"], by=user)
        # She reads it on the next page.
        with translation.override(user.language or get_language()):
            messages.success(request, _("Your language is saved."))
        return redirect("admin:index")
    context = admin.site.each_context(request) | {"title": _("Language"), "form": form}
    return TemplateResponse(request, "console/language.html", context)
