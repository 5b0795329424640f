"""A sheet stands under the letterhead of the business, fetches nothing, and holds no more than it can."""

from __future__ import annotations

import io
import urllib.request

from django.template import engines
from pypdf import PdfReader

from business.models import PortalSettings
from paper import pdf
from paper.pdf import cut_to, render_pdf, to_pdf


def test_any_template_gets_the_letterhead_and_the_number_of_the_page(monkeypatch):
    text = (
        '{% extends "paper/pdf/page.html" %}{% block heading %}Receipt{% endblock %}{% block foot %}R-7{% endblock %}'
    )
    made = engines["django"].from_string(text)
    monkeypatch.setattr(pdf, "render_to_string", lambda _name, context: made.render(context))
    business = PortalSettings(portal_name="Harbour Bins", business_phone="040 1", business_email="we@bins.example")
    (page,) = PdfReader(io.BytesIO(render_pdf("receipt.html", {}, business=business))).pages
    said = page.extract_text()
    assert all(one in said for one in ("Receipt", "Harbour Bins", "040 1", "we@bins.example", "R-7", "1 / 1"))


def test_nothing_that_a_page_names_is_read(monkeypatch):
    def fetch(*args, **kwargs):
        raise AssertionError("something was fetched")

    monkeypatch.setattr(urllib.request, "urlopen", fetch)
    secret = to_pdf('<p>x</p><img src="file:///etc/passwd"><img src="http://127.0.0.1:1/a.png">')
    assert b"root:" not in secret


def test_cutting_keeps_what_fits():
    assert cut_to(2, 10, "a\nb", continued="…") == "a\nb"
    assert cut_to(2, 10, "a\nb\nc", continued="…") == "a\nb\n…"
    assert cut_to(2, 3, "abcdef", continued="…") == "abc\n…"
