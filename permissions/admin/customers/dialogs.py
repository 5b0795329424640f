"""What is asked before a customer's people are let in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import Contact
from console.kit import (
    DialogForm,
)


class EnablePortalForm(DialogForm):
    """Who gets the login."""

    email = forms.EmailField(label=gettext_lazy("Login e-mail"), widget=UnfoldAdminEmailInputWidget)
    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=120, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact = Contact.objects.filter(customer_id=self.object_id).exclude(email="").first()
        if contact:
            self.initial.update(email=contact.email, name=contact.name)


class InviteContactsForm(DialogForm):
    """Which contacts get a login."""

    contacts = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Contacts"),
        queryset=Contact.objects.none(),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": gettext_lazy("Tick at least one contact.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["contacts"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Contact.objects.filter(customer_id=self.object_id).exclude(email="").select_related("customer")
        vars(field)["label_from_instance"] = lambda contact: f"{contact.name}, {contact.email}"
