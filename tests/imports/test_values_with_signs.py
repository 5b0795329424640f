"""What a value of theirs means survives the mapping page, whatever signs and line ends the value holds."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from imports.forms import ValueMapField

HARD = "Skip = large\nbehind  the workshop=left"
TEXT = f'id,template,customer\n1,"{HARD}",Acme Builders\n2,"{HARD}",Acme Builders\n3,Off = ,Acme Builders\n'


def page(name, run):
    return reverse(f"admin:imports_importrun_{name}", args=[run.pk])


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("Skip hire = Skip exchange", {"Skip hire": "Skip exchange"}),
        ("Done=completed", {"Done": "completed"}),
        ("Skip = large = Skip exchange", {"Skip = large": "Skip exchange"}),
        ("a=b = c", {"a=b": "c"}),
        ("Off = ", {"Off": ""}),
        ("Off =", {"Off": ""}),
        ("x = Off =", {"x = Off": ""}),
        ("Spam = (leave the row out)", {"Spam": None}),
    ],
)
def test_a_line_is_read_as_it_was_meant(line, meaning):
    assert ValueMapField().to_python(line) == meaning


@pytest.mark.parametrize("line", ["no sign", "= nothing before it"])
def test_nonsense_is_refused(line):
    with pytest.raises(ValidationError):
        ValueMapField().to_python(line)


def test_what_the_remedy_learned_is_still_known_after_the_mapping_page(cast, checked, sign_in):
    run = checked(TEXT, by=cast.ines)
    client = sign_in(cast.ines)
    client.post(page("remedy", run), {"column": "template", "theirs": HARD, "ours": "Skip exchange"})
    client.post(page("remedy", run), {"do": "leave_out", "column": "template", "theirs": "Off ="})
    run.refresh_from_db()
    before = run.report["counts"]
    assert before == {"made": 2, "changed": 0, "skipped": 1, "failed": 0}
    form = client.get(page("mapping", run)).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    assert client.post(page("mapping", run), data).url == page("change", run)
    run.refresh_from_db()
    assert run.report["counts"] == before
