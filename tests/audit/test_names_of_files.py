"""A file leaves under a plain name, with the extension of what was found in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.file_names import LONGEST, file_name_for

NAMES = [
    # (what somebody called it, what may be in it, the name it leaves under)
    ("gate.jpg", (".jpg", ".jpeg"), "gate.jpg"),
    ("gate.JPEG", (".jpg", ".jpeg"), "gate.jpeg"),
    ("gate.png", (".jpg", ".jpeg"), "gate.jpg"),
    ("contract.hta", (".pdf",), "contract.pdf"),
    ("contract.pdf.exe", (".pdf",), "contract.pdf.pdf"),
    ("contract", (".pdf",), "contract.pdf"),
    ("Plan v1.2", (".pdf",), "Plan v1.2.pdf"),
    ("Angebot für Müller & Söhne (2).pdf", (".pdf",), "Angebot für Müller _ Söhne (2).pdf"),
    ("..\\..\\boot.ini", (".pdf",), "boot.pdf"),
    ("../../etc/passwd", (".pdf",), "passwd.pdf"),
    ("a\N{RIGHT-TO-LEFT OVERRIDE}fdp.hta", (".pdf",), "afdp.pdf"),
    ("a\nb\x00c.pdf", (".pdf",), "abc.pdf"),
    ("...", (".pdf",), "file.pdf"),
    ("", (".pdf",), "file.pdf"),
    ("<b>.pdf", (".pdf",), "b.pdf"),
    ("jobs.txt", (".csv", ".txt"), "jobs.txt"),
    ("jobs.html", (".csv", ".txt"), "jobs.csv"),
]


@pytest.mark.parametrize(("name", "extensions", "expected"), NAMES)
def test_a_file_is_named_after_what_it_is(name, extensions, expected):
    assert file_name_for(name, *extensions) == expected


@given(st.text(max_size=600))
def test_whatever_somebody_types_is_a_name(name):
    given_back = file_name_for(name, ".pdf")
    assert given_back.endswith(".pdf")
    assert 5 <= len(given_back) <= LONGEST + 4
    assert given_back.isprintable()
    assert not set('/\\:*?"<>|') & set(given_back)
    assert file_name_for(given_back, ".pdf") == given_back
