"""The statement on the companion site: of a time, of a place, as it was known; as a table, and on paper."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.services import record_payment, void_payment
from tests.billing.papers import squeezed, structure, text_of
from tests.factories import make_location
from tests.portal_site.money_world import allow, billed, bills

PATH = "/billing/statement/"
TIME = "?from=2026-10-01&to=2026-11-30"


@pytest.fixture
def owing(cast, time_machine):
    """Acme owes for two yards since October, and has paid a part; Cedar something else."""
    time_machine.move_to("2026-11-03T09:00:00Z", tick=False)
    bills(cast, cast.acme, cast.birch, cast.cedar)
    north, south = (make_location(cast.acme, name="", street=f"={name} Yard") for name in ("North", "South"))
    first = billed(cast, cast.acme, on=dt.date(2026, 10, 18), location=north)
    second = billed(cast, cast.acme, ("Skip", "2", "100.00"), on=dt.date(2026, 11, 2), location=south)
    billed(
        cast,
        cast.cedar,
        ("Else", "1", "777.00"),
        on=dt.date(2026, 11, 2),
        location=make_location(cast.cedar, street="Far"),
    )
    payment = record_payment(cast.acme, Decimal("150.00"), by=None, parts={first.pk: Decimal("119.00")})
    time_machine.move_to("2026-11-28T09:00:00Z", tick=False)
    allow(cast.cora)
    return {"first": first, "second": second, "payment": payment, "north": str(north), "south": str(south)}


def words(page):
    return " ".join(page.content.decode().split())


def table(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_she_reads_what_moved_her_account(cast, owing, sign_in):
    cora = sign_in(cast.cora)
    page = words(cora.get(PATH + TIME))
    for said in (
        f'<a href="/billing/invoices/{owing["first"].number}/">Invoice {owing["first"].number}</a>',
        "18 October 2026",
        f'<a href="/billing/payments/{owing["payment"].address}/">Payment {owing["payment"].number}</a>',
        "€207.00",
        "Not assigned to invoices yet",
        "-€31.00",
        "1 to 30 days overdue",
    ):
        assert said in page, said
    assert "777" not in page and "924" not in page
    assert PATH in words(cora.get("/billing/"))


def test_a_place_is_told_by_itself_and_places_add_up(cast, owing, sign_in):
    cora = sign_in(cast.cora)
    whole = cora.get(PATH + TIME).context["requested"]
    time = {"from": "2026-10-01", "to": "2026-11-30"}
    parts = [cora.get(PATH, time | {"place": owing[name]}) for name in ("north", "south")]
    assert [str(part.context["statement"].closing) for part in parts] == ["0.00", "238.00"]
    assert sum(balance for _place, balance in whole.by_place) == whole.statement.closing + 31
    assert "€31.00 of your payments settles no invoice yet" in words(parts[0])
    early = cora.get(PATH, {"from": "2026-01-01", "to": "2026-01-31", "place": owing["south"]})
    assert "Nothing moved in this time." in words(early)


def test_as_it_was_known_on_a_day(cast, owing, sign_in):
    cora = sign_in(cast.cora)
    before = cora.get(PATH + TIME).context["statement"].rows
    void_payment(owing["payment"], by=None, reason="It bounced")
    assert cora.get(PATH + TIME).context["statement"].closing == 357
    page = cora.get(PATH + TIME + "&known=2026-11-03")
    assert page.context["statement"].rows == before and "As it was known on 3 November 2026." in words(page)
    assert cora.get(PATH + TIME + "&known=2026-11-02").context["statement"].rows == ()


def test_it_begins_with_this_month(cast, owing, sign_in):
    found = sign_in(cast.cora).get(PATH).context["requested"]
    assert (found.statement.first, found.statement.last) == (dt.date(2026, 11, 1), dt.date(2026, 11, 28))
    assert found.preset == found.presets[0]


@pytest.mark.parametrize(
    "query", ["from=x", "from=2026-02-30", "to=0001-01-01", "to=9999-12-31", "known=soon", "currency=ZZZ", "page=77"]
)
def test_what_makes_no_sense_is_left_out_and_said(cast, owing, sign_in, query):
    page = sign_in(cast.cora).get(f"{PATH}?{query}")
    assert page.status_code == 200 and page.context["left_out"]


def test_days_the_wrong_way_round_are_changed(cast, owing, sign_in):
    page = sign_in(cast.cora).get(f"{PATH}?from=2026-11-30&to=2026-10-01")
    assert page.context["statement"].first == dt.date(2026, 10, 1) and page.context["left_out"]


@pytest.mark.parametrize("query", ["account=Cedar+Homes", "place=Far", "account=Nobody", "place=1"])
@pytest.mark.parametrize("path", [PATH, f"{PATH}statement.csv", f"{PATH}statement.pdf"])
def test_neither_a_strangers_account_nor_her_place_is_to_be_had(cast, owing, sign_in, path, query):
    assert sign_in(cast.cora).get(f"{path}?{query}").status_code == 404


@pytest.mark.parametrize("path", [PATH, f"{PATH}statement.csv", f"{PATH}statement.pdf"])
def test_carl_reads_his_own_and_whoever_may_not_none(cast, owing, sign_in, path):
    assert [sign_in(who).get(path).status_code for who in (cast.colm, cast.carl, None)] == [403, 403, 302]
    allow(cast.carl)
    carl = sign_in(cast.carl)
    assert carl.get(path).status_code == 200
    assert carl.get(path, {"place": owing["north"]}).status_code == 404
    assert carl.get(path, {"account": cast.acme.name}).status_code == 404


def test_she_chooses_among_her_accounts(cast, owing, sign_in):
    billed(cast, cast.birch, on=dt.date(2026, 11, 20))
    cora = sign_in(cast.cora)
    assert cora.get(PATH, {"account": cast.birch.name}).context["statement"].closing == 119
    assert len(cora.get(PATH).context["accounts"]) == 2
    cora.post("/accounts/switch/", {"account": cast.birch.pk})
    assert cora.get(PATH).context["statement"].customer == cast.birch
    assert cora.get(PATH, {"account": cast.acme.name}).status_code == 404


def test_without_an_account_it_says_when_there_will_be_one(cast, sign_in):
    allow(cast.cora)
    cora = sign_in(cast.cora)
    assert "It begins with your first invoice." in words(cora.get(PATH))
    assert cora.get(f"{PATH}statement.pdf").status_code == 404


def test_the_table_adds_up_and_no_cell_is_a_formula(cast, owing, sign_in):
    answer = sign_in(cast.cora).get(
        f"{PATH}statement.csv", {"from": "2026-10-01", "to": "2026-11-30", "place": owing["south"]}
    )
    heading, opening, *rest = table(answer)
    assert heading[:6] == ["Date", "What", "Number", "Due", "Amount", "Balance"]
    assert opening[1] == "Opening balance" and rest[1][1] == "Closing balance" and rest[1][5] == "238.00"
    assert rest[0][:6] == [
        "2026-11-02",
        f"Invoice {owing['second'].number}",
        owing["second"].number,
        "2026-11-16",
        "238.00",
        "238.00",
    ]
    assert all(not row[7].startswith("=") for row in rest)
    left_out = sign_in(cast.cora).get(f"{PATH}statement.csv?from=x")
    assert left_out.status_code == 302 and left_out["Location"].startswith(f"{PATH}?")


def test_on_paper_it_says_the_same(cast, owing, sign_in):
    answer = sign_in(cast.cora).get(f"{PATH}statement.pdf{TIME}&known=2026-11-03")
    assert answer["Content-Type"] == "application/pdf" and "statement 2026-10-01" in answer["Content-Disposition"]
    text = squeezed(text_of(answer.content))
    for said in (
        "Statement of account, 1 October 2026 to 30 November 2026", "As it was known on 3 November 2026",
        "Harbour Bins GmbH", "Acme Builders", "Opening balance", "Closing balance", "€207.00", "€31.00",
        owing["first"].number, owing["payment"].number, "Page 1 of 1", "1 to 30 days overdue",
    ):  # fmt: skip
        assert squeezed(said) in text, said
    assert ("/Table", "") in structure(answer.content)


def test_a_long_one_has_no_tags_and_one_that_is_too_long_is_no_paper(cast, owing, sign_in, monkeypatch):
    cora, path = sign_in(cast.cora), f"{PATH}statement.pdf{TIME}"
    monkeypatch.setattr("billing.documents.statements.TAGGED", 2)
    assert b"StructTreeRoot" not in cora.get(path).content
    monkeypatch.setattr("billing.documents.statements.MOST_ROWS", 2)
    assert cora.get(path).status_code == 302
    assert "Too long for a PDF" in words(cora.get(PATH + TIME))


def test_in_german(cast, owing, sign_in):
    cast.cora.user.language = "de"
    cast.cora.user.save()
    page = sign_in(cast.cora).get(PATH + TIME)
    assert "18. Oktober 2026" in words(page) and "207,00" in words(page)


def test_two_hundred_rows_cost_no_more_than_two(cast, owing, sign_in):
    cora = sign_in(cast.cora)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert cora.get(PATH + TIME).status_code == 200
        return len(caught)

    queries()
    few = queries()
    for _number in range(100):
        void_payment(record_payment(cast.acme, Decimal("1.00"), by=None), by=None, reason="-")
    page = cora.get(PATH + TIME)
    assert page.context["page"].paginator.num_pages == 3
    assert queries() == few <= 12
