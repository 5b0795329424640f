"""The button by which the office settles an address a customer wrote."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from console.kit import DialogForm, console_action
from jobs.models import Job
from jobs.services import settle_address


class AddressDialog(DialogForm):
    """Where is it?"""

    address = forms.CharField(label=gettext_lazy("Address"), max_length=300, widget=UnfoldAdminTextInputWidget)
    latitude = forms.DecimalField(
        label=gettext_lazy("Latitude"),
        required=False,
        min_value=-90,
        max_value=90,
        max_digits=9,
        decimal_places=6,
        help_text=gettext_lazy("Degrees, such as 53.550300. With it the job is on the map."),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    longitude = forms.DecimalField(
        label=gettext_lazy("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
        max_digits=9,
        decimal_places=6,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    keep = forms.BooleanField(
        label=gettext_lazy("Keep it among the customer's locations"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Then the customer can choose it the next time."),
        widget=UnfoldBooleanWidget,
    )

    def about(self, obj: Job) -> None:
        super().about(obj)
        self.fields["address"].initial = obj.address
        self.fields["latitude"].initial, self.fields["longitude"].initial = obj.latitude, obj.longitude
        if not self.request.user.has_perm("accounts.add_location", obj.customer):
            del self.fields["keep"]


class AddressCheck:
    """Part of the job page: what is done about an address nobody knows."""

    @console_action(
        permission="change",
        description=gettext_lazy("Check the address"),
        text=lambda request, job: (
            _("%(customer)s wrote this address for %(job)s, and nobody knows it yet.")
            % {"customer": job.customer, "job": job.number}
        ),
        submit=gettext_lazy("The address is right"),
        form_class=AddressDialog,
        possible=lambda job: job.address_to_check and job.is_open,
        icon="wrong_location",
    )
    def check_address(self, request: HttpRequest, job: Job, form: AddressDialog) -> str:
        said = form.cleaned_data
        where = {name: said[name] for name in ("address", "latitude", "longitude")}
        settle_address(job, by=request.user, keep=said.get("keep", False), **where)
        return _("The address of %s is checked.") % job.number
