from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Contact, PortalUser
from accounts.services.inviting_many import invite_from_file, read_people
from permissions.errors import Refused


def send(client, text, **more):
    file = SimpleUploadedFile("people.csv", text if isinstance(text, bytes) else text.encode())
    url = "/admin/accounts/portaluser/invite_people/"
    return client.post(url, {"file": file, "_form_submitted": "True", **more}, follow=True).content.decode()


def test_everybody_in_the_file_is_invited_and_the_skipped_are_named(cast, sign_in):
    text = (
        "E-mail;Name;Customer\n"
        "kim@acme.example;Kim;Acme Builders\n"
        "\n"
        "not an address;Lee;Acme Builders\n"
        "max@acme.example;Max;Nobody Ltd\n"
        "kim@acme.example;Kim again;Acme Builders\n"
        "colm@example.com;Colm;Acme Builders\n"
        "carl@example.com;Carl;Birch Hotel\n"
    )
    page = send(sign_in(cast.dana), text)
    assert "1 invitation is on its way" in page and "1 person had a login and is linked now" in page
    assert "line 4, not an address" in page and "Nobody Ltd" in page and "stands in the file twice" in page
    assert "is linked already" in page
    assert PortalUser.objects.get(user__email="kim@acme.example").links.get().customer == cast.acme


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "holds nobody"),
        (b"name,customer\nKim,Acme\n", "No column is called"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "no text file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data, why):
    with pytest.raises(Refused, match=why):
        read_people(data)


def test_windows_files_and_tabs(cast):
    [row] = read_people("E-mail\tName\r\nk@acme.example\tJürgen\r\n".encode("cp1252"))
    assert (row.line, row.name) == (2, "Jürgen")


def test_a_narrowed_dispatcher_reaches_only_her_customers(cast):
    from permissions.services import grant

    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    rows = read_people(b"email,customer\nk@cedar.example,Cedar School\n")
    assert invite_from_file(rows, customer=None, by=cast.dana).skipped
    assert not PortalUser.objects.filter(user__email="k@cedar.example").exists()


def test_by_ticking_contacts(cast, sign_in):
    contact = cast.acme.contacts.get()
    Contact.objects.create(customer=cast.acme, name="Not ticked", email="no@acme.example")
    url = f"/admin/accounts/customer/{cast.acme.pk}/invite_contacts/"
    sign_in(cast.dana).post(url, {"contacts": [contact.pk], "_form_submitted": "True"})
    assert PortalUser.objects.get(user__email="site@acme.example").links.get().customer == cast.acme
    assert not PortalUser.objects.filter(user__email="no@acme.example").exists()


def test_contacts_of_others_are_no_choice(cast, sign_in):
    url = f"/admin/accounts/customer/{cast.acme.pk}/invite_contacts/"
    sent = {"contacts": [cast.cedar.contacts.get().pk], "_form_submitted": "True"}
    assert sign_in(cast.dana).post(url, sent).status_code == 200
    assert not PortalUser.objects.filter(user__email="office@cedar.example").exists()


@pytest.mark.parametrize(("who", "code"), [("sam", 403), ("nell", 403), ("carl", 302)])
def test_others_are_refused(cast, sign_in, who, code):
    client = sign_in(getattr(cast, who))
    assert client.post("/admin/accounts/portaluser/invite_people/", {"_form_submitted": "True"}).status_code == code
