"""A button that makes something does it once, however often it is pressed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, CustomerLink, Invitation, PortalUser, ViewAs
from alerts.models import Alert, Delivery
from alerts.services import deliver
from billing.models import BillingProfile, Invoice, InvoiceLine, Payment, Refund, WriteOff
from billing.services import credit_lines, make_invoices, post_invoice, record_payment
from console.models import SentForm
from imports.models import ImportRun
from jobs.models import Job, JobFile, PortalLink
from permissions.models import CustomerGrant, PermissionOverride
from permissions.services import invite_portal_user
from templates_app.models import JobTemplate
from tests.alerts.makers import announced, make_alert
from tests.billing.making import bill_to, order, set_up_billing
from tests.console.new_records import add_address, key_on, open_form, pages, said
from tests.factories import make_job


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.pdf", b"%PDF-1.4 plan")


def a_job(cast: Any) -> Job:
    return make_job(cast.acme, cast.exchange, by=cast.olivia)


def someone_invited(cast: Any) -> PortalUser:
    invited = invite_portal_user(email="new@acme.example", name="Nora", customers=[cast.acme], by=cast.olivia)
    return invited.person


def an_alert(cast: Any) -> Alert:
    a_job(cast)
    return make_alert()


def a_sent_message(cast: Any) -> Delivery:
    make_alert()
    (delivery,) = announced(a_job(cast))
    deliver([delivery.pk])
    return Delivery.objects.get()


def an_order(cast: Any) -> Job:
    set_up_billing()
    return order(cast.acme)


def a_posted_invoice(cast: Any) -> Invoice:
    job = an_order(cast)
    bill_to(cast.acme)
    [invoice] = make_invoices([job.pk], by=None).invoices
    return post_invoice(invoice, by=None)


def a_payment(cast: Any) -> Payment:
    set_up_billing()
    return record_payment(cast.acme, Decimal("50.00"), by=None)


def a_credit(cast: Any) -> Invoice:
    invoice = a_posted_invoice(cast)
    record_payment(cast.acme, invoice.total, by=None, oldest_first=True)
    return credit_lines(invoice, {invoice.lines.get().pk: Decimal("50.00")}, by=None, reason="Half of it")


# (address, what it is about, what is answered, what it makes rows of)
BUTTONS: dict[str, tuple[str, Callable[[Any], Any], Callable[[Any], dict[str, Any]], Any]] = {
    "an invoice of an order": (
        "billing_ordertobill_bill_one", an_order, lambda cast: {}, Invoice,
    ),
    "an invoice by hand": (
        "billing_invoice_by_hand", lambda cast: None, lambda cast: {"customer": cast.acme.pk}, Invoice,
    ),
    "a credit note of a line": (
        "billing_invoice_credit", a_posted_invoice,
        lambda cast: {f"line_{InvoiceLine.objects.earliest('pk').pk}": "10.00", "reason": "One was broken"}, Invoice,
    ),
    "a credit note of all of it": (
        "billing_invoice_void", a_posted_invoice, lambda cast: {"reason": "Wrong customer"}, Invoice,
    ),
    "a payment": (
        "billing_payment_record_one", lambda cast: set_up_billing() and None,
        lambda cast: {
            "customer": cast.acme.pk, "amount": "10.00", "day": str(timezone.localdate()), "method": "cash",
            "put_to": "oldest",
        }, Payment,
    ),
    "a payment of an invoice": (
        "billing_invoice_pay", a_posted_invoice,
        lambda cast: {"amount": "10.00", "day": str(timezone.localdate()), "method": "cash"}, Payment,
    ),
    "a write-off": (
        "billing_invoice_write_off", a_posted_invoice, lambda cast: {"amount": "10.00", "reason": "Bankrupt"},
        WriteOff,
    ),
    "a refund": (
        "billing_payment_refund", a_payment,
        lambda cast: {
            "amount": "10.00", "day": str(timezone.localdate()), "method": "cash", "reason": "Paid twice",
        }, Refund,
    ),
    "a refund of a credit note": (
        "billing_invoice_refund", a_credit,
        lambda cast: {
            "amount": "10.00", "day": str(timezone.localdate()), "method": "cash", "reason": "Paid twice",
        }, Refund,
    ),
    "an invoice address": (
        "billing_billingprofile_address_of_location", lambda cast: None,
        lambda cast: {"location": cast.acme.locations.get_or_create(street="Yard 2")[0].pk}, BillingProfile,
    ),
    "a token of a program": (
        "accounts_apitoken_make", lambda cast: None,
        lambda cast: {"name": "Books", "user": cast.dana.pk, "scopes": ["jobs.read"], "days": "90"}, ApiToken,
    ),
    "a token of a worker": (
        "accounts_worker_make_token", lambda cast: cast.theo,
        lambda cast: {"name": "Theo's telephone", "days": "90"}, ApiToken,
    ),
    "a copy of a template": (
        "templates_app_jobtemplate_copy", lambda cast: cast.exchange, lambda cast: {"name": "A copy"}, JobTemplate,
    ),
    "a login for a customer": (
        "accounts_customer_enable_portal", lambda cast: cast.acme,
        lambda cast: {"email": "paul@example.com", "name": "Paul"}, PortalUser,
    ),
    "logins for contacts": (
        "accounts_customer_invite_contacts", lambda cast: cast.acme,
        lambda cast: {"contacts": [cast.acme.contacts.get().pk]}, PortalUser,
    ),
    "a fresh invitation": (
        "accounts_portaluser_invitation", someone_invited, lambda cast: {}, Invitation,
    ),
    "a file of a job": (
        "jobs_job_add_file", a_job, lambda cast: {"upload": a_file()}, JobFile,
    ),
    "a new link of a job": (
        "jobs_portallink_reissue", lambda cast: a_job(cast).portal_links.get(), lambda cast: {}, PortalLink,
    ),
    "a grant": (
        "accounts_user_grant_records", lambda cast: cast.dana,
        lambda cast: {"customers": [cast.acme.pk], "may": "view"}, CustomerGrant,
    ),
    "a test of an alert": (
        "alerts_alert_test_to_me", an_alert, lambda cast: {}, Delivery,
    ),
    "a look with another's eyes": (
        "accounts_portaluser_view_as", lambda cast: cast.cora, lambda cast: {"reason": "She asked"}, ViewAs,
    ),
    "a password for a colleague": (
        "accounts_user_password_link", lambda cast: cast.dana, lambda cast: {}, Invitation,
    ),
    "a message once more": (
        "alerts_delivery_send_again", a_sent_message, lambda cast: {}, Delivery,
    ),
    "an override on a link": (
        "accounts_customerlink_set_permission", lambda cast: cast.cora.links.first(),
        lambda cast: {"permission": "cancel_jobs", "effect": "deny"}, PermissionOverride,
    ),
    "an override": (
        "accounts_portaluser_set_permission", lambda cast: cast.cora,
        lambda cast: {"permission": "cancel_jobs", "effect": "deny", "level": ""}, PermissionOverride,
    ),
}  # fmt: skip


# Buttons that make nothing: they change what is there, and say so when it is done already.
CHANGES = {
    "accounts_apitoken_revoke", "accounts_customer_archive", "accounts_customer_merge",
    "accounts_customer_restore", "accounts_portaluser_reactivate", "accounts_portaluser_remove",
    "accounts_portaluser_reset_override", "accounts_portaluser_suspend", "accounts_portaluser_two_factor_off",
    "accounts_user_switch_off", "accounts_user_switch_on", "accounts_user_two_factor_off",
    # What is there already stays: a second press adds nothing.
    "billing_taxcode_of_country",
    "billing_invoice_allocate", "billing_invoice_bill_anew", "billing_invoice_discard", "billing_invoice_post",
    "billing_payment_allocate", "billing_payment_release", "billing_payment_void", "billing_refund_void",
    "billing_writeoff_void",
    "accounts_worker_archive", "accounts_worker_restore", "accounts_worker_revoke_token", "alerts_alert_switch",
    "alerts_channelhold_try_now", "alerts_delivery_arrived", "alerts_delivery_not_needed",
    "alerts_messagestop_lift", "console_listexport_remove", "imports_importrun_cancel",
    "imports_importrun_commit", "imports_importrun_discard", "imports_importrun_undo",
    "jobs_changerequest_accept", "jobs_changerequest_decline", "jobs_job_assign", "jobs_job_cancel",
    "jobs_job_check_address", "jobs_job_complete", "jobs_job_complete_step", "jobs_job_pause",
    "jobs_job_postpone", "jobs_job_remove_file", "jobs_job_resume", "jobs_job_schedule", "jobs_job_start_now",
    "jobs_job_undo_cancellation", "jobs_job_unschedule", "jobs_portallink_revoke", "jobs_series_end",
    "jobs_series_pause", "jobs_series_resume", "jobs_series_skip", "jobs_series_unskip",
    "templates_app_jobtemplate_archive", "templates_app_jobtemplate_restore",
}  # fmt: skip


def test_every_button_stands_in_one_of_the_tables():
    buttons = {
        f"{page.opts.app_label}_{page.opts.model_name}_{name}"
        for page in pages().values()
        for name in dir(type(page))
        if hasattr(getattr(type(page), name), "dialog") and hasattr(getattr(type(page), name), "console")
    }
    assert buttons == {name for name, *_rest in BUTTONS.values()} | CHANGES


def address_of(name: str, about: Any) -> str:
    return reverse(f"admin:{name}", args=[about.pk] if about is not None else [])


def first_choices(form: Any) -> dict[str, str]:
    """What a browser has chosen in lists from which one thing is to be chosen."""
    lists = {name: field for name, field in form.fields.items() if type(field) is forms.ChoiceField}
    return {name: str(next(iter(field.choices))[0]) for name, field in lists.items() if field.choices}


@pytest.mark.parametrize("button", BUTTONS)
def test_pressed_twice_a_button_makes_it_once(cast, sign_in, button):
    name, about, answers, made = BUTTONS[button]
    olivia, record = sign_in(cast.olivia), about(cast)
    address, before = address_of(name, record), made.objects.count()
    question = olivia.get(address)
    key = key_on(question)
    sent = {"_form_submitted": "1", "_once": key} | first_choices(question.context["form"])
    first = olivia.post(address, sent | answers(cast))
    assert first.status_code in (200, 302) and made.objects.count() == before + 1, first.content.decode()[-3000:]
    second = olivia.post(address, sent | answers(cast))
    assert second.status_code == 302 and made.objects.count() == before + 1
    assert said(second)[-1].startswith("This was done already")
    third = olivia.get(address)
    assert third.status_code == 302 or key_on(third) != key


def test_a_token_that_was_made_is_named_and_not_shown_again(cast, sign_in):
    olivia = sign_in(cast.olivia)
    name, _about, answers, _made = BUTTONS["a token of a program"]
    address = address_of(name, None)
    sent = {"_form_submitted": "1", "_once": key_on(olivia.get(address))} | answers(cast)
    olivia.post(address, sent)
    token = ApiToken.objects.get()
    answer = olivia.post(address, sent)
    assert answer.url == reverse("admin:accounts_apitoken_change", args=[token.pk])
    assert said(answer)[-1] == f"This was done already: {token}."


def test_in_a_dialog_the_second_press_leads_there_too(cast, sign_in):
    olivia = sign_in(cast.olivia)
    address = address_of("templates_app_jobtemplate_copy", cast.exchange)
    htmx = {"HX-Request": "true"}
    sent = {"_form_submitted": "1", "_once": key_on(olivia.get(address, headers=htmx)), "name": "A copy"}
    first, second = (olivia.post(address, sent, headers=htmx) for _click in "12")
    assert first.headers["HX-Redirect"] == second.headers["HX-Redirect"]
    assert JobTemplate.objects.filter(name="A copy").count() == 1


def test_a_refused_question_is_answered_again(cast, sign_in):
    olivia = sign_in(cast.olivia)
    address = address_of("templates_app_jobtemplate_copy", cast.exchange)
    sent = {"_form_submitted": "1", "_once": key_on(olivia.get(address))}
    refused = olivia.post(address, sent | {"name": ""})
    assert refused.status_code == 200 and key_on(refused) == sent["_once"]
    assert olivia.post(address, sent | {"name": "A copy"}).status_code == 302
    assert JobTemplate.objects.filter(name="A copy").count() == 1


def test_the_same_question_answered_in_other_words_is_asked_again(cast, sign_in):
    olivia = sign_in(cast.olivia)
    address = address_of("templates_app_jobtemplate_copy", cast.exchange)
    sent = {"_form_submitted": "1", "_once": key_on(olivia.get(address))}
    olivia.post(address, sent | {"name": "A copy"})
    question = olivia.post(address, sent | {"name": "Another copy"})
    assert "This was done already." in question.content.decode() and key_on(question) != sent["_once"]
    assert not JobTemplate.objects.filter(name="Another copy").exists()
    olivia.post(address, sent | {"name": "Another copy", "_once": key_on(question)})
    assert JobTemplate.objects.filter(name="Another copy").count() == 1


def test_a_preview_is_no_answer(cast, sign_in):
    olivia = sign_in(cast.olivia)
    address = address_of("accounts_portaluser_set_permission", cast.cora)
    sent = {"_once": key_on(olivia.get(address)), "permission": "cancel_jobs", "effect": "deny", "level": ""}
    olivia.post(address, sent | {"_preview": "1"})
    assert not SentForm.objects.exists() and not PermissionOverride.objects.exists()


def test_ticked_rows_are_done_once(cast, sign_in):
    olivia, address = sign_in(cast.olivia), reverse("admin:accounts_portaluser_changelist")
    ticked = {"action": "deny_permission", "index": "0", "_selected_action": [cast.cora.pk, cast.colm.pk]}
    key = key_on(olivia.post(address, ticked))
    sent = ticked | {"_form_submitted": "1", "_once": key, "permission": "cancel_jobs"}
    olivia.post(address, sent)
    assert PermissionOverride.objects.count() == 2
    PermissionOverride.objects.all().delete()
    assert said(olivia.post(address, sent))[-1] == "This was done already."
    assert not PermissionOverride.objects.exists()


# --- an import, and the file of a list


def test_a_file_uploaded_twice_is_one_import(cast, sign_in):
    ines, address = sign_in(cast.ines), reverse("admin:imports_importrun_upload")
    key = key_on(ines.get(address))

    def send(name: str = "jobs.csv") -> Any:
        file = SimpleUploadedFile(name, b"id,template,customer\n1,Skip exchange,Acme Builders\n")
        return ines.post(address, {"kind": "jobs", "file": file, "_once": key})

    first, second = send(), send()
    run = ImportRun.objects.get()
    assert first.url == reverse("admin:imports_importrun_mapping", args=[run.pk])
    assert second.url == reverse("admin:imports_importrun_change", args=[run.pk])
    assert said(second)[-1] == f"This was done already: {run}."
    send("others.csv")
    send("others.csv")
    assert ImportRun.objects.count() == 2


def test_a_file_in_which_a_digit_was_corrected_is_uploaded_too(cast, sign_in):
    ines, address = sign_in(cast.ines), reverse("admin:imports_importrun_upload")
    key = key_on(ines.get(address))
    for number in b"1", b"2":
        table = b"id,template,customer\n%s,Skip exchange,Acme Builders\n" % number
        ines.post(address, {"kind": "jobs", "file": SimpleUploadedFile("jobs.csv", table), "_once": key})
    corrected, wrong = ImportRun.objects.order_by("-pk")
    assert corrected.file.read().splitlines()[1][:1] == b"2" and wrong.file.read().splitlines()[1][:1] == b"1"


def test_a_long_list_is_written_once(cast, sign_in, settings):
    from console.models import ListExport

    settings.EXPORT_ROWS_AT_ONCE = 1
    olivia, address = sign_in(cast.olivia), reverse("admin:accounts_customer_export")
    shown = olivia.get(address)
    columns = {f"customerresource_{name}": "on" for name in ("name",)}
    names = {field.html_name: "on" for field in shown.context["form"].visible_fields() if field.field.label == "Name"}
    sent = {"format": "0", "resource": "", "_once": key_on(shown)} | columns | names
    for _click in "12":
        assert olivia.post(address, sent).status_code == 302
    assert ListExport.objects.count() == 1


def test_of_two_presses_that_merge_the_second_leads_to_the_customer_that_is_left(cast, sign_in):
    dana, address = sign_in(cast.dana), reverse("admin:merge_customers", args=[cast.acme.pk, cast.cedar.pk])
    key = key_on(dana.get(address))
    first, second = (dana.post(address, {"name": "keep", "_once": key}) for _click in "12")
    assert first.url == second.url == reverse("admin:accounts_customer_change", args=[cast.acme.pk])
    assert said(second)[-1] == "This was done already: Acme Builders."
    assert sign_in(cast.sam).post(address, {"_once": key}).status_code == 403


def test_links_of_people_are_made_once(cast, sign_in):
    olivia = sign_in(cast.olivia)
    typed = open_form(olivia, "accounts.CustomerLink", cast)
    for _click in "12":
        olivia.post(add_address("accounts.CustomerLink"), typed)
    assert CustomerLink.objects.filter(portal_user=cast.colm, customer=cast.birch).count() == 1


def test_an_invitation_is_one_mail(cast, sign_in):
    olivia = sign_in(cast.olivia)
    typed = open_form(olivia, "accounts.PortalUser", cast)
    before = Invitation.objects.count(), Delivery.objects.count()
    olivia.post(add_address("accounts.PortalUser"), typed)
    after = Invitation.objects.count(), Delivery.objects.count()
    olivia.post(add_address("accounts.PortalUser"), typed)
    assert after == (Invitation.objects.count(), Delivery.objects.count()) and after[0] == before[0] + 1
