from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_site.brand import DARK_GROUND, LIGHT_GROUND, READABLE, WHITE, contrast, palette_of, parse


@given(st.integers(0, 0xFFFFFF))
def test_whatever_the_colour_everything_on_it_and_in_it_can_be_read(number):
    palette = palette_of(f"#{number:06x}")
    assert contrast(parse(palette.brand), parse(palette.text)) >= READABLE
    assert contrast(parse(palette.strong), parse(palette.text)) >= READABLE - 0.1
    for ground in (WHITE, LIGHT_GROUND, parse(palette.light_tint)):
        assert contrast(parse(palette.light_link), ground) >= READABLE
    for ground in (DARK_GROUND, parse(palette.dark_tint)):
        assert contrast(parse(palette.dark_link), ground) >= READABLE


def test_it_is_kept_for_long_and_changes_its_address_with_the_colour(portal, client):
    def sheet():
        return re.search(r'href="(/brand\.css\?v=\w+)"', client.get("/login/").content.decode())[1]

    first = sheet()
    response = client.get(first)
    assert response["Content-Type"].startswith("text/css")
    assert "max-age=31536000" in response["Cache-Control"]
    assert "#0f766e" in response.content.decode()
    assert client.get(first, headers={"If-None-Match": response["ETag"]}).status_code == 304
    portal.brand_colour = "#ffcc00"
    portal.save()
    assert sheet() != first
    assert "max-age=60" in client.get(first)["Cache-Control"]


def test_name_and_telephone_stand_on_every_page(cast, client, sign_in):
    pages = [client.get(path) for path in ("/login/", "/password/", "/nothing/", "/l/nothing/")]
    pages += [sign_in(cast.cora).get(path) for path in ("/", "/jobs/", "/me/", "/jobs/nothing/")]
    for page in pages:
        assert "Harbour Bins" in page.content.decode()
        assert "+49 40 5550100" in page.content.decode()


def test_the_logo_is_handed_out_as_a_picture_and_nothing_else(portal, client, png):
    from django.core.files.uploadedfile import SimpleUploadedFile

    portal.logo = SimpleUploadedFile("logo.png", png, "image/png")
    portal.save()
    address = re.search(r'src="(/brand/logo/\?v=\w+)"', client.get("/login/").content.decode())[1]
    response = client.get(address)
    assert response["Content-Type"] == "image/png"
    assert b"".join(response.streaming_content) == png
    portal.logo.save("page.html", SimpleUploadedFile("page.html", b"<script>"))
    assert client.get("/brand/logo/").status_code == 404


@pytest.fixture
def png():
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (4, 4), "#0f766e").save(out, "PNG")
    return out.getvalue()
