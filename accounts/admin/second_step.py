"""The button for somebody who lost telephone and recovery codes: on portal users and on staff."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import PortalUser, User
from accounts.own_password import OwnPasswordField, OwnPasswordInput, require_own_password
from accounts.services import two_factor
from console.kit import DialogForm, console_action


class LostTelephoneForm(DialogForm):
    """How does the office know that it is she?"""

    reason = forms.CharField(
        label=gettext_lazy("How do you know that it is this person who asks?"),
        max_length=200,
        help_text=gettext_lazy("For example: called back on the number we have. Stands in the history."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    own_password = OwnPasswordField(widget=OwnPasswordInput())

    def clean_own_password(self) -> str:
        require_own_password(self.request, self.cleaned_data["own_password"])
        return ""


def account_of(obj: User | PortalUser) -> User:
    """The account of a portal user or of a member of staff."""
    return obj if isinstance(obj, User) else obj.user


class SecondStepButton:
    """Part of both pages."""

    @display(description=gettext_lazy("two-factor sign-in"), boolean=True)
    def second_step(self, obj: User | PortalUser) -> bool:
        return account_of(obj).two_factor_since is not None

    @console_action(
        permission="accounts.switch_off_two_factor",
        description=gettext_lazy("Switch off two-factor sign-in"),
        text=lambda request, obj: (
            _(
                "For somebody who lost the telephone and the recovery codes. %s is signed out everywhere, signs in "
                "with the password alone from then on, and gets a mail that says so."
            )
            % obj
        ),
        submit=gettext_lazy("Switch it off"),
        form_class=LostTelephoneForm,
        possible=lambda obj: bool(account_of(obj).two_factor_since),
        too_late=two_factor.off_already,
        icon="phonelink_erase",
        variant=ActionVariant.DANGER,
    )
    def two_factor_off(self, request: HttpRequest, obj: User | PortalUser, form: LostTelephoneForm) -> str:
        two_factor.switch_off_for(account_of(obj), by=request.user, reason=form.cleaned_data["reason"])
        return _("%s signs in with the password alone now, and is told by mail.") % obj
