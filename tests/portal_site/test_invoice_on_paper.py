from __future__ import annotations

from tests.portal_site.money_world import allow, billed, bills


def test_whoever_sees_an_invoice_has_it_on_paper(cast, sign_in):
    bills(cast, cast.acme)
    invoice = billed(cast, cast.acme)
    allow(cast.cora)
    path = f"/billing/invoices/{invoice.number}/document.pdf"
    cora = sign_in(cast.cora)
    assert path in cora.get(f"/billing/invoices/{invoice.number}/").content.decode()
    answer = cora.get(path)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert invoice.number in answer["Content-Disposition"]
    assert [sign_in(who).get(path).status_code for who in (cast.colm, cast.carl, None)] == [403, 404, 302]


def test_whoever_sees_what_an_order_costs_has_its_receipt(cast, sign_in):
    bills(cast, cast.acme)
    job = billed(cast, cast.acme).lines.get().job
    allow(cast.cora)
    path = f"/billing/orders/{job.number}/receipt.pdf"
    cora = sign_in(cast.cora)
    assert path in cora.get(f"/jobs/{job.number}/").content.decode()
    assert cora.get(path).content.startswith(b"%PDF-")
    assert path not in sign_in(cast.colm).get(f"/jobs/{job.number}/").content.decode()
    assert [sign_in(who).get(path).status_code for who in (cast.colm, cast.carl, None)] == [403, 404, 302]
