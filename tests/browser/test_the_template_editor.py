from __future__ import annotations

from accounts.models import Contact, Customer
from jobs.models import Job
from templates_app.models import JobTemplate
from tests.factories import make_customer, make_location, make_template


def tab(page, name):
    page.get_by_text(name, exact=True).first.click()


def test_olivia_builds_a_template_and_sees_what_customers_get(cast, page_for, screenshot):
    template = make_template(
        "Skip hire",
        steps=("Drive there",),
        fields=({"label": "Size", "kind": "pick", "choices": ["small", "large"], "portal_use": "required"},),
    )
    page = page_for(cast.olivia)
    page.goto(f"/admin/templates_app/jobtemplate/{template.pk}/change/")
    beside = page.locator("#template-preview")

    tab(page, "Fields")
    page.get_by_text("Add another Field").click()
    page.fill("[name=fields-1-label]", "Gate code")
    assert page.locator("[name=fields-1-choices]").is_hidden(), "a text has no choices"
    page.select_option("[name=fields-1-portal_use]", "optional")
    page.fill("[name=fields-1-shown_when]", "Size")
    page.fill("[name=fields-1-shown_value]", "large")
    beside.get_by_text("new field “Gate code”").wait_for()
    field = beside.locator("[name=value_gate_code][data-shown-value=large]")
    field.wait_for(state="attached")
    assert field.is_hidden()
    beside.locator("select[name=value_size]").select_option("large")
    field.wait_for(state="visible")
    screenshot(page, "template-fields")

    # The heading of a field is moved by keyboard as by dragging.
    page.locator("#fields-data h3").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    beside.get_by_text("order of the fields").wait_for()

    tab(page, "General")
    tab(page, "Price")
    page.fill("[name=price_lines-0-description]", "Skip hire")
    page.fill("[name=price_lines-0-unit_price]", "80,50")
    page.get_by_text("Add a line").click()
    page.fill("[name=price_lines-1-description]", "Tipping, per tonne")
    page.fill("[name=price_lines-1-quantity]", "2.5")
    page.fill("[name=price_lines-1-unit_price]", "33.33")
    assert page.locator("[data-price-total]").inner_text() == "163.83"
    beside.get_by_text("Price lines: – → 163.83 EUR").wait_for()
    screenshot(page, "template-price")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    saved = JobTemplate.objects.get(pk=template.pk)
    assert str(saved.price) == "163.83"
    assert [field.label for field in saved.fields.all()] == ["Gate code", "Size"]
    assert saved.fields.get(key="gate_code").shown_when == "size"


def test_dana_makes_a_job_for_somebody_new_and_for_somebody_known(cast, page_for, screenshot):
    place = make_location(cast.acme)
    other = make_customer("Dune Cafe", contact_email="dune@cafe.example")
    page = page_for(cast.dana)
    page.goto(f"/admin/jobs/job/add/?template=skip-exchange&customer={cast.acme.pk}")
    assert page.locator("[name=new_customer]").is_hidden()
    assert page.input_value("[name=contact_email]") == "site@acme.example"

    # Another customer brings her own contact, and not the locations of the one before.
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill("dune")
    page.locator(".select2-results__option", has_text="Dune Cafe").click()
    page.wait_for_function("document.querySelector('[name=contact_email]').value === 'dune@cafe.example'")
    assert page.locator(f"[name=location] option[value='{place.pk}']").count() == 0
    assert other.pk == int(page.input_value("[name=customer]"))

    page.get_by_text("Make a new customer").click()
    assert page.locator("[name=customer]").is_hidden() and page.locator("[name=location]").is_hidden()
    page.fill("[name=new_customer]", "Elm Garden")
    page.fill("[name=contact_name]", "Ella")
    page.fill("[name=contact_email]", "ella@elm.example")
    screenshot(page, "new-job-customer")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    made = Customer.objects.get(name="Elm Garden")
    assert Job.objects.get().customer == made
    assert Contact.objects.get(customer=made).email == "ella@elm.example"
