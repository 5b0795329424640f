"""Names that strangers write are short, on one line and without links; mails lead with the business's words."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.names import LONGEST, validate_name
from business.models import PortalSettings
from permissions.services import SignUp, invite_colleague, set_override, sign_up
from portal_site.forms import DetailsForm
from portal_site.joining import ColleagueForm, PasswordForm, SignUpForm
from tests.alerts.mails import send_mails

REFUSED = [
    "http://evil.example", "https://evil.example/x", "hxxp://evil", "HXXPS evil", "www.evil.example", "evil.example",
    "evil.example/x", "t.me/x", "T.ME/X", "x.com", "Win at evil.example now", "EVIL.COM", "a@evil.example", "//evil",
    "evil\u3002example", "evil\uff0eexample/x", "evil\u200b.example", "Ann\nBen", "Ann\r\nBen", "Ann\rBen",
    "Ann\u2028Ben", "Ann\u2029Ben", "Ann\x85Ben", "Ann\vBen", "Ann\0", "x" * (LONGEST + 1),
    "BIT.LY", "Bit.Ly", "Claim at BONUS.TOP", "Evil.Click", "Evil.Page", "EVIL.RU", "EVIL.ZIP", "evil.TV", "Evil.Tours",
    "EVIL.XN--P1AI", "evil.xn--p1ai", "EVIL.COM-now", "Dr.Evil.Com", "dr.com", "J.Evil.Tours", "evil.x.Li", "x.ly",
    "evil.中国", "例子.中国", "evil.امارات", "evil.भारत", "evil.рф", "ЗЛО.РФ", "e\u0301vil.Tours", "\U0001f4a9.la",
    "1.2.3.4", "1.2.3.4:80", "see 10.0.0.1", "tel:+4990012345", "TEL:110", "mailto:x", "sms:+49900", "data:text",
    "163.com", "\ufdfa" * 40 + " evil.example",
]  # fmt: skip
TAKEN = [
    "St. John", "Acme Ltd.", "A.B.C. GmbH", "Müller & Söhne", "O'Neil", "Dr. Anna-Lena Groß", "No. 5 Catering",
    "24/7 Bins", "Dr.Groß", "J.R.R. Tolkien", "Verein e.V.", "x" * LONGEST,
    "J.Smith", "j.smith", "J.Li", "J.R.R.Tolkien", "Dr.Müller", "Prof.Dr.Groß", "Dipl.-Ing.Meier", "St.Pauli",
    "ST.PAULI", "No.5", "Prof.X", "e.V", "GmbH&Co.KG", "Bau GmbH & Co.KG", "A.B.C.GmbH", "1.FC Köln", "2.og",
    "Lindenstr. 5, 3.OG", "Hafenstr.12", "Ann... Ben", "Ann…Ben", "Tel: 040 123", "Start 1.12.2026", "1.200,00 EUR",
    "李明", "B. 李明",
]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValidationError):
        validate_name(name)


@pytest.mark.parametrize("name", TAKEN, ids=ascii)
def test_a_name_is_taken(name):
    validate_name(name)


@pytest.mark.parametrize(
    ("form", "field"),
    [(SignUpForm, "full_name"), (SignUpForm, "company"), (ColleagueForm, "full_name"), (PasswordForm, "full_name"),
     (DetailsForm, "name")],
)  # fmt: skip
def test_every_form_from_outside_asks(form, field):
    for name in ("evil.example/x", "Ann\u2028Ben"):
        with pytest.raises(ValidationError):
            form.base_fields[field].clean(name)
    assert form.base_fields[field].clean("St. John") == "St. John"


def test_the_services_ask_too(cast, portal):
    portal.access = PortalSettings.Access.PUBLIC
    portal.save()
    for wrong in ({"full_name": "evil.example/x"}, {"company": "evil.example/x"}):
        with pytest.raises(ValidationError):
            sign_up(
                SignUp(**({"email": "v@new.example", "full_name": "Vera", "password": "the gate is green"} | wrong))
            )
    set_override(cast.cora.links.get(customer=cast.acme), "manage_colleagues", "allow", by=cast.dana)
    with pytest.raises(ValidationError):
        invite_colleague(cast.cora, cast.acme, email="kim@acme.example", name="evil.example/x")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["signup", "colleague"])
def test_the_mail_leads_with_the_business(cast, portal, kind, language):
    if kind == "signup":
        portal.access = PortalSettings.Access.PUBLIC
        portal.save()
        sign_up(SignUp("v@new.example", "Vera Novak", "the gate is green", language=language))
    else:
        set_override(cast.cora.links.get(customer=cast.acme), "manage_colleagues", "allow", by=cast.dana)
        user = invite_colleague(cast.cora, cast.acme, email="v@new.example", name="Vera Novak").person.user
        user.language = language
        user.save()
    send_mails()
    body = mail.outbox[-1].body
    assert 0 <= body.index("Harbour Bins") < body.index("/join/") < body.index("Vera Novak")
    assert ("Der Link" in body) == (language == "de")
