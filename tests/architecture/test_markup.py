"""Only what our code marks as safe is markup, and each place that marks a text has a reason here.

A new place is red, and so is one that is listed and gone. What people write is tried on every page, in every mail and
on paper by tests/doors/test_harmless_element.py and test_harmless_element_on_paper_and_in_mail.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template.loader import get_template

from tests.architecture.markup import Place, in_template, package_templates, places
from tests.architecture.markup_of_packages import REPLACED, WITHOUT_PEOPLES_TEXT, never_rendered
from tests.architecture.tree import ROOT

ALLOWED: dict[str, set[Place]] = {
    "a text mail: nothing in it is markup, and what is escaped would be read so": {
        ("accounts/templates/accounts/mail/activation.txt", "{% autoescape off %}"),
        ("accounts/templates/accounts/mail/invitation.txt", "{% autoescape off %}"),
        ("accounts/templates/accounts/mail/password_link.txt", "{% autoescape off %}"),
        ("accounts/templates/accounts/mail/sign_in_paused.txt", "{% autoescape off %}"),
        ("accounts/templates/accounts/mail/staff.txt", "{% autoescape off %}"),
        ("accounts/templates/accounts/mail/two_factor_off.txt", "{% autoescape off %}"),
    },
    "links in a sentence of ours: every part is escaped before, or a link made of escaped parts": {
        (
            "audit/restore/telling.py:_sentence",
            "mark_safe(_filled(conditional_escape(str(finding.sentence)), html | _escaped(finding.words)))",
        ),
    },
    "descriptions of the API, which our code holds, escaped before": {
        ("config/api_page.py:_marked", r"mark_safe(re.sub('\\*([^*]+)\\*', '<em>\\1</em>', text))"),
    },
    "two phrases of a row of buttons in another order: row and phrases are escaped before": {
        (
            "console/templatetags/console_words.py:in_order",
            "mark_safe(conditional_escape(buttons).replace(said, instead))",
        ),
    },
    "a page of ours, drawn and escaped by the server": {
        ("alerts/static/alerts/words.js", "body.innerHTML = await answer.text();"),
        ("jobs/static/jobs/map.js", "list.innerHTML = await answer.text();"),
        (
            "jobs/static/jobs/new_job.js",
            'const page = new DOMParser().parseFromString(await answer.text(), "text/html");',
        ),
        ("jobs/static/jobs/schedule.js", 'swap: "outerHTML",'),
    },
    "an element whose texts were put in as texts": {
        (
            "jobs/static/jobs/map.js",
            'return L.divIcon({ html: pin, className: "map-icon", iconSize: [PIN, PIN], iconAnchor: anchor,'
            " popupAnchor: [0, -PIN / 2] });",
        ),
        ("jobs/static/jobs/map.js", "pin.bindPopup(bubble(place));"),
    },
    "read from an element that holds a text, so escaped": {
        (
            "jobs/static/jobs/map.js",
            "L.tileLayer(box.dataset.tiles, { maxZoom: 19, attribution: attribution.innerHTML,"
            ' referrerPolicy: "strict-origin" }).addTo(map);',
        ),
    },
    "a number, or a name of our code, in an expression of Alpine": {
        (
            "config/templates/console/search_results.html",
            "x-bind:class=\"{'active': currentIndex === {{ forloop.counter }}}\"",
        ),
        ("config/templates/console/search_results.html", 'x-on:mouseenter="currentIndex = {{ forloop.counter }}"'),
        (
            "permissions/templates/permissions/overrides_inline.html",
            "x-show=\"activeTab == '{{ inline_admin_formset.formset.prefix|slugify }}'\"",
        ),
        (
            "permissions/templates/permissions/sheet_inline.html",
            "x-show=\"activeTab == '{{ inline_admin_formset.formset.prefix|slugify }}'\"",
        ),
    },
}


def test_each_place_that_makes_markup_of_a_text_has_a_reason():
    allowed = set[Place]().union(*ALLOWED.values())
    assert not (new := places() - allowed), f"Escape it, or say here why it is safe: {sorted(new)}"
    assert not (dead := allowed - places()), f"No longer there: {sorted(dead)}"


def test_escaping_is_off_in_text_mails_alone():
    off = {path for path, what in places() if "autoescape" in what}
    assert all(Path(path).parent.name == "mail" and path.endswith(".txt") for path in off), off


@pytest.mark.parametrize(
    "line",
    [
        "{{ field.help_text|safe }}", "{{ names|safeseq|join:', ' }}", "{% autoescape off %}", "{{ form }}",
        "{{ upload_form }}", "{{ form.as_p }}", "{{ formset.as_table }}", "{% filter safe %}", "<p x-html='words'>",
        "<p hx-on:click='go()'>", "<a href='javascript:go()'>", "<p x-data=\"{ name: '{{ name }}' }\">",
        "<p @click=\"say('{{ name }}')\">", "{% if a %}x-show=\"{{ shown }}\"{% endif %}", "<p hx-vals='js:{a: b}'>",
        "<script>box.innerHTML = words</script>", "<iframe srcdoc='{{ page }}'>",
    ],
)  # fmt: skip
def test_what_makes_markup_of_a_text_is_recognised(line):
    assert list(in_template("a page", line)), line


@pytest.mark.parametrize(
    "line",
    [
        "{{ field }}", "{{ form.management_form }}", "{{ form.name }}", "{{ form.media }}", "{{ safe }}",
        '<p hx-swap="innerHTML">', '<a :href hx-get="{{ address }}">', "<p x-data=\"{ open: false }\">{{ name }}</p>",
    ],
)  # fmt: skip
def test_what_draws_a_text_as_text_is_not(line):
    assert not list(in_template("a page", line)), line


def test_each_template_of_a_package_that_makes_markup_of_a_text_has_a_reason():
    known = never_rendered().union(REPLACED, *WITHOUT_PEOPLES_TEXT.values())
    assert not (new := package_templates() - known), f"May people's text come there? {sorted(new)}"
    assert not (dead := known - package_templates()), f"No longer there: {sorted(dead)}"


def test_a_template_that_takes_people_s_text_for_markup_is_replaced_by_ours():
    for name in REPLACED.values():
        ours = Path(get_template(name).origin.name)
        assert ours.is_relative_to(ROOT / "config"), ours
        assert not list(in_template(name, ours.read_text()))
