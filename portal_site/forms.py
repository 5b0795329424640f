"""What comes in through the companion site's forms."""

from __future__ import annotations

from django import forms
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, PortalUserState
from accounts.models import PortalUser, User
from accounts.models.people import UserManager
from accounts.names import LONGEST, validate_name
from accounts.own_password import OldPasswordForm, OwnPasswordField, require_own_password
from accounts.services.sign_in import note_password_link
from accounts.zones import zone_names
from audit.address import client_network
from business.models import PortalSettings
from portal_site.guest import Question
from portal_site.tasks import queue_password_reset
from portal_site.throttle import allow_request

OTHER = "-"


def choice_field(form: forms.Form, name: str) -> forms.ChoiceField:
    """Return a field of a form whose choices can be set. Raises TypeError for a field of another kind."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} offers no choices")
    return field


class SignInForm(auth_forms.AuthenticationForm):
    """E-mail and password. Why somebody is not let in is said only after the right password."""

    username = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
        error_messages={"invalid": _("Write your whole e-mail address, such as name@example.com.")},
    )
    error_messages = {
        "invalid_login": _("E-mail and password do not fit together. Check both; capitals matter in the password."),
        "inactive": _("This account is switched off."),
        "suspended": _("Your access is suspended. Please call us."),
        "waiting": _("Your access is not active yet. Follow the link in the mail we sent you."),
        "off": _("The portal is switched off at the moment."),
    }

    def clean_username(self) -> str:
        return UserManager.normalize_email(self.cleaned_data["username"])

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.is_staff:
            return
        person: PortalUser | None = getattr(user, "portal_user", None)
        if person is None or person.state in (PortalUserState.SUSPENDED, PortalUserState.REMOVED):
            raise self._refusal("suspended")
        if not person.is_active:
            raise self._refusal("waiting")
        if not PortalSettings.load().portal_enabled:
            raise self._refusal("off")

    def _refusal(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


class ChangePasswordForm(OldPasswordForm, auth_forms.PasswordChangeForm):
    """The old password, and the new one twice. A wrong old one counts as a guess, as on the login page."""

    def __init__(self, user: User, *args: object, request: HttpRequest, **kwargs: object) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request


class PasswordResetForm(auth_forms.PasswordResetForm):
    """Asks for an address; whether it is known, and how long a mail takes, is seen by the worker alone."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        error_messages={"invalid": _("Write your whole e-mail address, such as name@example.com.")},
    )

    def save(self, *_args: object, request: HttpRequest | None = None, **_options: object) -> None:
        """Queues the mail, or nothing that anybody could notice: one too many looks like the others."""
        email = self.cleaned_data["email"]
        note_password_link(UserManager.normalize_email(email))
        network = client_network(request) if request else None
        if allow_request("password_reset", account=email, address=network):
            queue_password_reset(email, get_language() or "")


class AnswerForm(forms.Form):
    """The one thing a guest is asked for."""

    answer = forms.CharField(max_length=200, error_messages={"required": _("Please fill this in.")})

    _LABELS = {
        Question.EMAIL: (_("The e-mail address the job was booked with"), "email", "email"),
        Question.PHONE: (_("The mobile number the job was booked with"), "tel", "tel"),
        Question.NUMBER: (_("The job number"), "off", "text"),
    }

    def __init__(self, question: Question, data: QueryDict | None = None) -> None:
        super().__init__(data)
        label, autocomplete, mode = self._LABELS[question]
        answer = self.fields["answer"]
        answer.label = label
        answer.widget.attrs |= {"autocomplete": autocomplete, "inputmode": mode, "autofocus": True}
        if question == Question.NUMBER:
            answer.help_text = _("It begins with J- and is on your confirmation.")


class DetailsForm(forms.Form):
    """What a portal user changes of their own account."""

    name = forms.CharField(
        label=_("Name"),
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
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As my browser asks")), *Language.choices],
        help_text=_("Of this site and of the messages we send you."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("In which we tell you times. Ours is named beside them where it differs."),
    )

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial)
        zones = ((name, name.replace("_", " ")) for name in zone_names())
        choice_field(self, "time_zone").choices = [("", _("As my device says")), *zones]


class GuestCodeForm(forms.Form):
    """The one-time code a guest was sent."""

    code = forms.CharField(
        label=_("The six digits we sent you"),
        max_length=20,
        error_messages={"required": _("Please fill this in.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )


class ChangeForm(forms.Form):
    """What the office should change."""

    words = forms.CharField(
        label=_("What should we change?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Please write what you need.")},
    )


class CancelForm(forms.Form):
    """Why a job is called off: one of the office's reasons, or the customer's own words."""

    reason = forms.ChoiceField(
        label=_("Why?"), widget=forms.RadioSelect, error_messages={"required": _("Please choose a reason.")}
    )
    words = forms.CharField(
        label=_("In your own words"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, reasons: list[str], data: QueryDict | None = None) -> None:
        super().__init__(data)
        field = choice_field(self, "reason")
        field.choices = [*((reason, reason) for reason in reasons), (OTHER, _("Another reason"))]
        if not reasons:
            field.widget = forms.HiddenInput()
            field.initial, field.required = OTHER, False
            words = self.fields["words"]
            words.label, words.required = _("Why?"), True
            words.error_messages["required"] = _("Please say why, so that we know what to do.")

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("reason", "") in (OTHER, "") and "reason" not in self.errors and not cleaned.get("words"):
            self.add_error("words", _("Please say why, so that we know what to do."))
        return cleaned

    @property
    def reason_given(self) -> str:
        """The reason as it is kept, in one text."""
        chosen, words = self.cleaned_data.get("reason"), self.cleaned_data.get("words", "").strip()
        return ": ".join(part for part in (chosen if chosen != OTHER else "", words) if part)


class CodeForm(forms.Form):
    """A code from an authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
        error_messages={"required": _("Type the code.")},
    )


class SecondStepForm(CodeForm):
    """A code, and one's password again: for who turns the second step on or off, or asks for new recovery codes."""

    own_password = OwnPasswordField()
    field_order = ("own_password", "code")

    def __init__(self, data: QueryDict | None = None, *, request: HttpRequest) -> None:
        super().__init__(data)
        self.request = request
        self.fields["code"].widget.attrs.pop("autofocus", None)

    def clean_own_password(self) -> str:
        require_own_password(self.request, self.cleaned_data["own_password"])
        return ""
