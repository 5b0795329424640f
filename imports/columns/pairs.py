"""The names of two columns of a file that belong into one of ours, if the file has both."""

from __future__ import annotations

from collections.abc import Sequence

Pairs = tuple[tuple[Sequence[str], Sequence[str]], ...]

DATE_AND_TIME: Pairs = (
    (
        (
            "planned date", "start date", "scheduled date", "service date", "job date", "date", "datum", "startdatum",
            "termin", "tag", "day",
        ),
        (
            "planned time", "start time", "scheduled time", "service time", "job time", "time", "uhrzeit", "startzeit",
            "zeit", "time of day",
        ),
    ),
)  # fmt: skip
REQUESTED_DATE_AND_TIME: Pairs = (
    (
        ("requested date", "preferred date", "wish date", "wunschtermin", "wunschdatum"),
        ("requested time", "preferred time", "wish time", "wunschzeit", "wunschuhrzeit"),
    ),
)
_FIRST = ("first name", "firstname", "given name", "vorname", "forename")
_LAST = ("last name", "lastname", "surname", "family name", "nachname", "familienname")


def _names_of(*whose: str) -> Pairs:
    firsts = [f"{one} {name}" for one in whose for name in _FIRST]
    lasts = [f"{one} {name}" for one in whose for name in _LAST]
    return ((firsts, lasts),)


FIRST_AND_LAST_NAME: Pairs = ((_FIRST, _LAST),)
CONTACTS_FIRST_AND_LAST_NAME: Pairs = (*_names_of("contact", "site contact", "ansprechpartner"), *FIRST_AND_LAST_NAME)
CUSTOMER_FIRST_AND_LAST_NAME: Pairs = _names_of("customer", "client", "kunde")
WORKERS_FIRST_AND_LAST_NAME: Pairs = _names_of("worker", "driver", "technician", "fahrer", "mitarbeiter")
STREET_AND_NUMBER: Pairs = (
    (
        ("street", "street name", "strasse", "straße", "address", "adresse", "site address"),
        ("house number", "house no", "street number", "street no", "hausnummer", "hausnr", "haus nr", "hnr"),
    ),
)
