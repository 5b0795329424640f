"""Price lines in a form: amounts follow what is typed, and every choice is read while its pick list is closed."""

from __future__ import annotations

import pytest

from templates_app.models import JobTemplate
from tests.factories import make_template

LINES = [
    {"description": "Skip exchange", "quantity": "1", "unit_price": "95.00", "tax": "second_reduced"},
    {"description": "Scrap", "quantity": "1250.5", "unit_price": "0.0825", "unit": "MTQ"},
]
# {words of each choice: how wide they are, and how much room the closed list has for them}
ROOM = """lists => Object.fromEntries(lists.flatMap(list => {
    const style = getComputedStyle(list), pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = list.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return [...list.options].map(one => [one.text, [Math.ceil(pen.measureText(one.text).width), room]]);
}))"""


@pytest.mark.parametrize("width", [390, 768, 1100, 1440, 2200])
def test_every_choice_is_read_while_its_list_is_closed(cast, page_for, width):
    template = make_template("Skip hire", price_lines=LINES)
    page = page_for(cast.olivia)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/admin/templates_app/jobtemplate/{template.pk}/change/")
    page.get_by_text("Price", exact=True).first.click()
    page.locator("[name=price_lines-0-unit]").wait_for()
    cut = {
        words: sizes
        for words, sizes in page.locator(".pc-price-line select").evaluate_all(ROOM).items()
        if sizes[0] > sizes[1]
    }
    assert not cut
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_olivia_sees_what_a_price_finer_than_a_cent_comes_to(cast, page_for, screenshot):
    template = make_template("Skip hire", price_lines=LINES)
    page = page_for(cast.olivia)
    page.goto(f"/admin/templates_app/jobtemplate/{template.pk}/change/")
    page.get_by_text("Price", exact=True).first.click()
    amounts, total = page.locator("[data-price-amount]"), page.locator(".pc-price-total")
    assert amounts.all_inner_texts()[:2] == ["95.00", "103.17"]
    assert total.inner_text() == "Total 198.17 EUR before tax"
    page.fill("[name=price_lines-0-unit_price]", "-0,0050")
    page.fill("[name=price_lines-1-unit_price]", "1,234")
    # Half a cent below nothing is a cent; what may be a thousand is not guessed at.
    assert amounts.all_inner_texts()[:2] == ["-0.01", ""]
    page.fill("[name=price_lines-1-unit_price]", "1,2340")
    page.locator("[name=prices_include_tax]").check(force=True)
    assert amounts.all_inner_texts()[1] == "1543.12" and total.inner_text().endswith("EUR with tax")
    page.select_option("[name=price_lines-1-unit]", "KGM")
    screenshot(page, "price-lines")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    saved = JobTemplate.objects.get(pk=template.pk)
    assert (str(saved.price), saved.prices_include_tax) == ("1543.11", True)
    assert [line.get("unit") for line in saved.price_lines] == [None, "KGM"]
