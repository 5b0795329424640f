"""Who is invited, who she is, and the link she was sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from accounts.models import Customer, Invitation, PortalUser, User
from accounts.own_password import ChangedAddressForm
from console.kit import DialogForm


class InviteForm(forms.ModelForm[PortalUser]):
    """Who is invited, and for which customers."""

    full_name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("Gets the invitation, and is what this person signs in with."),
        widget=UnfoldAdminEmailInputWidget,
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile or telephone"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )
    customers_ = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Customers"),
        queryset=Customer.objects.none(),
        required=False,
        help_text=gettext_lazy("For whom this person acts. You can add more later."),
    )

    class Meta:
        model = PortalUser
        fields = ()


class PersonForm(ChangedAddressForm[PortalUser]):
    """The person behind the login."""

    full_name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("What this person signs in with. A new address signs her out everywhere."),
        widget=UnfoldAdminEmailInputWidget,
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile or telephone"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = PortalUser
        fields = ("only_listed_templates",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            user = self.instance.user
            self.initial = {
                **self.initial,
                "full_name": user.full_name,
                "email": user.email,
                "phone": user.phone,
            }

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exclude(pk=self.instance.user_id).exists():
            raise forms.ValidationError(_("This address has an account already."))
        return email

    def address_before(self) -> str:
        return self.instance.user.email if self.instance.pk else ""


class InvitationForm(DialogForm):
    """Shows the link, to be copied into another message."""

    link = forms.CharField(
        label=gettext_lazy("Link"),
        required=False,
        help_text=gettext_lazy("Opens the page where this person sets a password. Give it to nobody else."),
        widget=UnfoldAdminTextInputWidget(attrs={"readonly": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for_portal = (Invitation.Purpose.INVITATION, Invitation.Purpose.ACTIVATION)
        mine = Invitation.objects.filter(user__portal_user=self.object_id, purpose__in=for_portal, user__is_staff=False)
        invitation = mine.first()
        if invitation is not None and invitation.is_good:
            self.initial["link"] = invitation.url
            self.fields["link"].initial = invitation.url
        else:
            del self.fields["link"]
