"""Olivia clicks Save twice while the answer is slow, and goes back and saves again: one label."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from accounts.models import Label
from console.models import SentForm

ADD = "/admin/accounts/label/add/"


def save(page: Page) -> Any:
    return page.get_by_role("button", name="Save", exact=True)


def filled(page: Page) -> Page:
    page.goto(ADD)
    page.fill("[name=name]", "VIP")
    return page


def test_after_the_first_click_the_button_is_off(cast, page_for):
    page, sent = filled(page_for(cast.olivia)), []

    def hold(route: Any) -> None:
        """An answer that does not come: the page stays as it is."""
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.request.post_data)
        return route.fulfill(status=204)

    page.route(f"**{ADD}", hold)
    save(page).click()
    expect(save(page)).to_be_disabled()
    page.evaluate("document.querySelector('#label_form').requestSubmit()")
    assert len(sent) == 1 and "_save" in sent[0] and "VIP" in sent[0]
    # What the Back button does with a page that was kept.
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(save(page)).to_be_enabled()
    page.unroute(f"**{ADD}")
    save(page).click()
    page.wait_for_url("**/accounts/label/")
    assert Label.objects.count() == 1


def test_with_a_script_that_sends_it_twice_it_is_one_label(cast, page_for):
    page = filled(page_for(cast.olivia))
    page.evaluate(
        """async () => {
            const form = document.querySelector("#label_form"), send = () => fetch(location, {
                method: "POST", body: new FormData(form), redirect: "manual"});
            await Promise.all([send(), send(), send()]);
        }"""
    )
    assert (Label.objects.count(), SentForm.objects.count()) == (1, 1)


def test_back_and_save_makes_no_second_one_and_says_so(cast, page_for):
    page = filled(page_for(cast.olivia))
    save(page).click()
    page.wait_for_url("**/accounts/label/")
    page.go_back()
    expect(page.locator("[name=name]")).to_have_value("VIP")
    expect(save(page)).to_be_enabled()
    save(page).click()
    page.wait_for_url("**/change/")
    expect(page.get_by_text("This was saved already: VIP.")).to_be_visible()
    assert Label.objects.count() == 1


def test_back_and_another_name_is_another_label(cast, page_for):
    page = filled(page_for(cast.olivia))
    save(page).click()
    page.wait_for_url("**/accounts/label/")
    page.go_back()
    page.fill("[name=name]", "Cash only")
    save(page).click()
    page.wait_for_url("**/accounts/label/")
    assert Label.objects.count() == 2


def test_a_refused_form_is_corrected_and_saved(cast, page_for):
    page = page_for(cast.olivia)
    page.goto(ADD)
    save(page).click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.fill("[name=name]", "VIP")
    save(page).click()
    page.wait_for_url("**/accounts/label/")
    assert Label.objects.count() == 1
