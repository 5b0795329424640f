"""The logo of the business is a picture that browsers show, drawn anew, or it is refused with a sentence."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from business.models import PortalSettings
from tests.permissions.test_portal_settings_page import fields

PAGE = "/admin/business/portalsettings/1/change/"


def picture(kind: str, size=(120, 60), **options) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB" if kind == "JPEG" else "RGBA", size, "#0f766e").save(drawn, kind, **options)
    return drawn.getvalue()


def upload(client, name: str, data: bytes):
    return client.post(PAGE, fields(client) | {"logo": SimpleUploadedFile(name, data)})


@pytest.mark.parametrize(
    ("kind", "becomes"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/png"), ("GIF", "image/png")]
)
def test_olivia_uploads_a_picture_and_customers_see_it(cast, portal, sign_in, client, kind, becomes):
    assert upload(sign_in(cast.olivia), "anything.bin." + kind.lower(), picture(kind)).status_code == 302
    address = re.search(r'src="(/brand/logo/\?v=\w+)"', client.get("/login/").content.decode())[1]
    answer = client.get(address)
    assert answer["Content-Type"] == becomes
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).size == (120, 60)


def test_nothing_but_the_picture_is_kept(cast, portal, sign_in):
    exif = Image.Exif()
    exif[0x9286] = "taken at the yard"
    data = picture("JPEG", exif=exif) + b"<p>something behind it</p>"
    assert b"taken at the yard" in data
    upload(sign_in(cast.olivia), "logo.jpg", data)
    kept = PortalSettings.load().logo.read()
    assert kept and b"yard" not in kept and b"behind" not in kept


def test_a_large_one_is_made_smaller(cast, portal, sign_in):
    upload(sign_in(cast.olivia), "logo.png", picture("PNG", (3000, 900)))
    assert Image.open(PortalSettings.load().logo).size == (1200, 360)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "Upload a valid image"),
        ("logo.png", b"no picture", "Upload a valid image"),
        ("logo.png", picture("BMP"), "Choose a PNG, JPEG, WebP or GIF."),
        ("logo.tiff", picture("TIFF"), "Choose a PNG, JPEG, WebP or GIF."),
        ("logo.png", picture("PNG", (5000, 4000)), "more than 16 million pixels"),
        ("logo.png", picture("PNG") + b" " * 2 * 1024 * 1024, "larger than 2 MB"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(cast, portal, sign_in, name, data, said):
    answer = upload(sign_in(cast.olivia), name, data)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not PortalSettings.load().logo


def test_carl_and_nell_upload_nothing(cast, portal, sign_in):
    for person in (cast.carl, cast.nell):
        client = sign_in(person)
        assert client.post(PAGE, {"logo": SimpleUploadedFile("logo.png", picture("PNG"))}).status_code in (302, 403)
        assert not PortalSettings.load().logo
