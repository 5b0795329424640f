"""What the forms of joining ask (PRODUCT.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.languages import language_of_this_page
from accounts.models import Customer, Invitation, User
from accounts.names import LONGEST, validate_name, validate_words
from business.models import PortalSettings
from permissions.services import SignUp

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _password_field(label: StrOrPromise = "", *, new: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label or _("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"}),
        help_text=_("8 characters or more; a short sentence is easy to remember and hard to guess.") if new else "",
    )


class PasswordForm(forms.Form):
    """Name, telephone and a password, at the end of an invitation."""

    full_name = forms.CharField(
        label=_("Your name"),
        max_length=LONGEST,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Mobile or telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    password = _password_field()

    def __init__(self, invitation: Invitation, data: QueryDict | None = None) -> None:
        self.user = invitation.user
        super().__init__(data, initial={"full_name": self.user.full_name, "phone": self.user.phone})

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        name = self.cleaned_data.get("full_name", self.user.full_name)
        validate_password(password, User(email=self.user.email, full_name=name))
        return password


class ActivationForm(forms.Form):
    """The password that was chosen at sign-up: it is the same person who follows the link."""

    password = _password_field(_("The password you chose"), new=False)


class SignUpForm(forms.Form):
    """What the settings demand of somebody who signs up uninvited."""

    full_name = forms.CharField(
        label=_("Your name"),
        max_length=LONGEST,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Write your whole e-mail address, such as name@example.com.")},
    )
    phone = forms.CharField(
        label=_("Mobile or telephone"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=LONGEST,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    address = forms.CharField(
        label=_("Service address"),
        max_length=200,
        validators=[validate_words],
        help_text=_("Where we shall come."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    password = _password_field()

    def __init__(self, settings: PortalSettings, data: QueryDict | None = None) -> None:
        super().__init__(data)
        demanded = {
            "phone": settings.signup_asks_phone,
            "company": settings.signup_asks_company,
            "address": settings.signup_asks_address,
        }
        for name, is_demanded in demanded.items():
            if not is_demanded:
                del self.fields[name]

    def clean(self) -> dict[str, object]:
        said = super().clean() or {}
        if said.get("password") and said.get("email"):
            try:
                validate_password(said["password"], User(email=said["email"], full_name=said.get("full_name", "")))
            except forms.ValidationError as refusal:
                self.add_error("password", refusal)
        return said

    def said(self) -> SignUp:
        """What was filled in, and in which language."""
        return SignUp(**{name: self.cleaned_data[name] for name in self.fields}, language=language_of_this_page())


class ColleagueForm(forms.Form):
    """Who shall join, for which of some customers."""

    full_name = forms.CharField(label=_("Name"), max_length=LONGEST, validators=[validate_name])
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"invalid": _("Write the whole e-mail address, such as name@example.com.")},
    )

    def __init__(self, customers: QuerySet[Customer], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["customer"] = forms.ModelChoiceField(label=_("Account"), queryset=customers, empty_label=None)
