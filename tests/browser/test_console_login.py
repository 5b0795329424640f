from __future__ import annotations


def test_a_wrong_password_gets_a_clear_sentence(cast, page_for, screenshot):
    page = page_for()
    page.goto("/admin/")
    page.fill("input[name=username]", cast.dana.email)
    page.fill("input[name=password]", "not her password")
    page.press("input[name=password]", "Enter")
    page.get_by_text("Please enter the correct").wait_for()
    screenshot(page, "console-login-refused")


def test_dana_comes_in_by_her_address_and_password(cast, page_for, screenshot):
    page = page_for(cast.dana)
    assert page.url.endswith("/admin/")
    screenshot(page, "console-home")
