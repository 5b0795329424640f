"""The pages of both faces in a made-up language, in which every translated sentence stands between marks.

What stands outside of them, and is not what somebody typed, never went through the catalogue: it would be English on a
German page.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import models
from django.utils import translation
from django.utils.translation import trans_real

from accounts.zones import zone_names
from alerts.hooks import TOKENS
from alerts.languages import as_it_came
from alerts.services import install_default_alerts
from billing.countries import country_choices
from jobs.services import schedule_job
from tests.architecture.tree import APPS
from tests.factories import make_job

GERMAN = {"Accept-Language": "de"}
OPEN, SHUT = "⟦", "⟧"
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-copied", "data-confirm")
# Names, codes and keys of the keyboard, alike in every language.
ALIKE = {"portico", "ctrl", "esc", "eur", "english", "deutsch", "gmt", "pdf", "csv", "xlsx", "utc", "minlength"}
# The names of time zones, which nobody translates: whole, as they stand to be chosen.
ZONES = {name.replace("_", " ") for name in zone_names()}
# Babel names countries in German.
with translation.override("de"):
    COUNTRIES = {name for _code, name in country_choices()}
SKIPPED = re.compile(r"logout|/history/|export|\.csv|\.pdf|/l/|jsi18n|/files/|two-factor|\?")


@pytest.fixture
def made_up(monkeypatch):
    def marked(speak):
        def _marked(*args, **kwargs):
            said = speak(*args, **kwargs)
            # Patterns of days and hours are translated too, and must stay patterns.
            if not str(said).strip() or re.fullmatch(r"[lDjdFMYHi:., ]+", str(said)):
                return said
            return type(said)(f"{OPEN}{said}{SHUT}")

        return _marked

    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        monkeypatch.setattr(translation._trans, name, marked(getattr(trans_real, name)), raising=False)
    as_it_came.cache_clear()
    yield
    as_it_came.cache_clear()


@pytest.fixture
def business(cast):
    install_default_alerts(by=cast.olivia)
    first = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(first, by=cast.dana, start=first.created_at)
    make_job(cast.birch, cast.exchange, by=cast.dana)
    return cast


class Page(HTMLParser):
    """What a page says, and where it leads."""

    def __init__(self, text):
        super().__init__()
        self.said, self.links, self._silent, self._depth, self._class = [], [], 0, 0, ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self._class = facts.get("class") or ""
        self.said += [facts[name] for name in SPOKEN if facts.get(name)]
        if tag == "input" and facts.get("type") in ("submit", "button"):
            self.said.append(facts.get("value") or "")
        self.links += [facts[name] for name in ("href", "hx-get") if facts.get(name)]
        if tag in ("script", "style"):
            self._silent += 1

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._silent -= 1
        self._class = ""

    def handle_data(self, data):
        if not self._silent and "material-symbols" not in self._class:
            # A translated sentence may hold other tags, and so begin in one text and end in another.
            outside = ""
            for sign in data:
                self._depth += (sign == OPEN) - (sign == SHUT)
                outside += sign if self._depth == 0 else " "
            self.said.append(outside.replace(SHUT, " "))


def unmarked(text):
    while (rest := re.sub(f"{OPEN}[^{OPEN}{SHUT}]*{SHUT}", " ", text)) != text:
        text = rest
    return text


def words_in(text):
    """The words of a text, without addresses, codes and tokens."""
    text = re.sub(r"\S*[_@/{}]\S*|\w*\d\w*", " ", text)
    return {word.lower() for word in re.findall(r"[^\W\d_]{3,}", text)}


def typed_by_somebody():
    """Every word that stands in a table, and the names in the samples of tokens."""
    found = words_in(" ".join(token.sample for token in TOKENS.values() if isinstance(token.sample, str)))
    for model in apps.get_models():
        if model.__module__.split(".")[0] in APPS or model._meta.app_label == "auth":
            kinds = (models.CharField, models.TextField, models.JSONField, models.EmailField)
            names = [field.name for field in model._meta.concrete_fields if isinstance(field, kinds)]
            for row in model._base_manager.values_list(*names) if names else ():
                found |= words_in(" ".join(map(str, row)))
    return found


def crawl(client, start):
    """Every page that can be reached, one of a kind: (address, what it says)."""
    todo, seen = [start], set()
    while todo:
        address = todo.pop(0).split("#")[0]
        kind = re.sub(r"/(\d+|J-\d+)/", "/N/", address.split("?")[0])
        if kind in seen or SKIPPED.search(address) or not address.startswith("/") or address.startswith("/static"):
            continue
        seen.add(kind)
        response = client.get(address, headers=GERMAN, follow=True)
        if response.status_code == 200 and "html" in response.get("Content-Type", "") and response.content:
            page = Page(response.content.decode())
            todo += page.links
            yield address, page.said


@pytest.mark.parametrize(
    ("who", "start", "at_least"),
    [("olivia", "/admin/", 60), ("sam", "/admin/", 25), ("cora", "/", 10), ("", "/login/", 2)],
)
def test_no_sentence_of_a_page_escapes_the_catalogue(business, sign_in, made_up, who, start, at_least):
    client = sign_in(getattr(business, who, None))
    pages = list(crawl(client, start))
    typed = typed_by_somebody() | ALIKE
    english = {
        f"{address}: {' '.join(unmarked(text).split())[:80]}"
        for address, said in pages
        for text in said
        if unmarked(text).strip() not in ZONES | COUNTRIES and words_in(unmarked(text)) - typed
    }
    assert sorted(english) == []
    assert len(pages) >= at_least, [address for address, _said in pages]


def test_a_sentence_outside_the_catalogue_would_be_found(business, made_up):
    page = Page(f'<p title="Quite nice">{OPEN}Guten Tag{SHUT} Acme</p><script>nothing</script><b>Good bye</b>')
    left = set().union(*(words_in(unmarked(text)) for text in page.said)) - typed_by_somebody()
    assert left == {"quite", "nice", "good", "bye"}


def test_the_console_speaks_german_to_whoever_asks_for_it(business, sign_in):
    page = sign_in(business.dana).get("/admin/jobs/job/", headers=GERMAN).content.decode()
    assert '<html lang="de' in page
    assert "Einsatzkraft" in page and "Abmelden" in page


def test_the_sign_in_page_of_the_console_asks_the_browser(db, client):
    page = client.get("/admin/login/", headers=GERMAN, follow=True).content.decode()
    assert "Willkommen bei" in page and "Anmelden" in page


def test_the_api_stays_english(business, client):
    answer = client.get("/api/v1/jobs", headers=GERMAN)
    assert answer.status_code == 401
    assert "Send a valid token" in answer.content.decode()


def test_german_days_and_amounts_stand_in_lists(business, sign_in, time_machine):
    time_machine.move_to("2026-11-20T09:00:00Z", tick=False)
    page = sign_in(business.dana).get("/admin/", headers=GERMAN).content.decode()
    assert "Freitag, 20. November 2026" in page
