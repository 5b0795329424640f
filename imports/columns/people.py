"""The columns of portal users."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from imports.columns.base import WHO, Column
from imports.columns.cells import Mail
from imports.columns.jobs import CustomerName


class LoginMail(Mail):
    key, label, group = "email", gettext_lazy("E-mail"), WHO
    help = gettext_lazy("She signs in with it, and gets her invitation there.")
    aliases = ("email", "e-mail", "email address", "login", "mail", "user")
    sample = "cora@acme.example"


class FullName(Column):
    key, label, group = "full_name", gettext_lazy("Name"), WHO
    aliases = ("full name", "person", "contact", "contact name", "user name", "ansprechpartner")
    sample, max_length = "Cora Lind", 120


class Phone(Column):
    key, label, group = "phone", gettext_lazy("Telephone"), WHO
    aliases = ("mobile", "telephone", "phone number", "mobile number", "telefon", "handy")
    sample, max_length = "+49 151 5550133", 40


class ForCustomer(CustomerName):
    label = gettext_lazy("Customer")
    help = gettext_lazy("For whom she acts. A person of several customers has a row for each.")
