"""What was written about a person while they acted for another customer stays with that customer."""

from __future__ import annotations

import pytest

from accounts.models import PortalUser, User
from audit import changelog
from console.reader import StaffReader
from permissions.explain import explain
from permissions.services import grant, set_override
from permissions.services.portal_users import (
    invite_portal_user,
    link_customer,
    reactivate_portal_user,
    remove_portal_user,
    save_portal_user,
    suspend_portal_user,
    unlink_customer,
)

PAGES = ("portaluser/{}/history/", "portaluser/{}/change/", "portaluser/{}/rights/")


@pytest.fixture
def dana(cast) -> User:
    """Dana, narrowed to Acme."""
    User.objects.filter(pk=cast.dana.pk).update(only_granted_customers=True)
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    return User.objects.get(pk=cast.dana.pk)


def _fresh(person: PortalUser) -> PortalUser:
    return PortalUser.objects.get(pk=person.pk)


@pytest.fixture
def carl(cast) -> PortalUser:
    """Carl of Cedar, with what Cedar's office wrote about him."""
    suspend_portal_user(cast.carl, by=cast.olivia, reason="Cedar's secret quarrel")
    reactivate_portal_user(_fresh(cast.carl), by=cast.olivia, reason="Cedar's secret peace")
    save_portal_user(_fresh(cast.carl), name="Secret Carl", email="carl@example.com", by=cast.olivia)
    save_portal_user(_fresh(cast.carl), name="Carl", email="carl@example.com", by=cast.olivia)
    set_override(cast.carl, "set_alerts", "deny", by=cast.olivia, reason="Cedar's secret rule")
    return _fresh(cast.carl)


def _read(client, person: PortalUser) -> str:
    pages = [f"/admin/accounts/{page.format(person.pk)}" for page in PAGES]
    pages += ["/admin/changelog/", "/admin/changelog/?words=secret", "/admin/changelog/?export=csv"]
    answers = [client.get(page) for page in pages]
    return " ".join(
        b"".join(one.streaming_content).decode() if one.streaming else one.content.decode() for one in answers
    )


def _log(user: User, person: PortalUser) -> list[changelog.LogEntry]:
    parts = {User: changelog.Q(id=person.user_id)}
    return changelog.entries_of(person, StaffReader(User.objects.get(pk=user.pk)), parts)


def test_dana_invites_carl_who_acts_for_cedar_too_and_reads_nothing_of_cedars(cast, carl, dana, sign_in):
    invite_portal_user(email="carl@example.com", customers=[cast.acme], by=dana)
    text = _read(sign_in(dana), carl)
    assert "s secret" not in text and "Secret Carl" not in text


def test_nor_once_cedars_link_is_gone(cast, carl, dana, sign_in):
    unlink_customer(carl.links.get(), by=cast.olivia)
    invite_portal_user(email="carl@example.com", customers=[cast.acme], by=dana)
    entries = _log(dana, carl)
    assert "ecret" not in str([(e.reason, e.changes) for e in entries])
    text = _read(sign_in(dana), carl)
    assert "s secret" not in text and "Secret Carl" not in text


def test_nor_once_cedars_office_removed_him(cast, carl, dana):
    remove_portal_user(carl, by=cast.olivia, reason="Cedar's secret farewell")
    invite_portal_user(email="carl@example.com", customers=[cast.acme], by=dana)
    assert "ecret" not in str([(e.reason, e.changes) for e in _log(dana, carl)])


def test_what_dana_did_herself_she_reads_with_no_value_from_before(cast, carl, dana):
    remove_portal_user(carl, by=cast.olivia, reason="Cedar's secret farewell")
    invite_portal_user(email="carl@example.com", customers=[cast.acme], by=dana)
    changes = {c.name: (c.before, c.after) for e in _log(dana, carl) for c in e.changes}
    assert changes["state"] == ("(not shown to you)", "Invited")


def test_what_was_written_after_cedar_went_she_reads(cast, carl, dana):
    unlink_customer(carl.links.get(), by=cast.olivia)
    invite_portal_user(email="carl@example.com", customers=[cast.acme], by=dana)
    suspend_portal_user(_fresh(carl), by=cast.olivia, reason="Acme's own quarrel")
    assert "Acme's own quarrel" in [e.reason for e in _log(dana, carl)]


def test_of_whoever_acted_for_acme_alone_she_reads_all(cast, dana, sign_in):
    suspend_portal_user(cast.colm, by=cast.olivia, reason="Acme's own quarrel")
    assert "Acme&#x27;s own quarrel" in _read(sign_in(dana), cast.colm)
    remove_portal_user(_fresh(cast.colm), by=cast.olivia, reason="Acme's farewell")
    invite_portal_user(email=cast.colm.user.email, customers=[cast.acme], by=dana)
    assert {"Acme's own quarrel", "Acme's farewell"} <= {e.reason for e in _log(dana, cast.colm)}


def test_of_a_shared_person_she_reads_no_reason(cast, dana):
    suspend_portal_user(cast.cora, by=cast.olivia, reason="Birch's secret")
    assert "Birch's secret" not in [e.reason for e in _log(dana, cast.cora)]


def test_nor_once_birch_let_her_go(cast, dana):
    suspend_portal_user(cast.cora, by=cast.olivia, reason="Birch's secret")
    unlink_customer(cast.cora.links.get(customer=cast.birch), by=cast.olivia)
    assert "Birch's secret" not in [e.reason for e in _log(dana, cast.cora)]


def test_a_grant_of_the_person_shows_all(cast, carl, dana):
    link_customer(carl, cast.acme, by=cast.olivia)
    grant(dana, carl, change=False, by=cast.olivia)
    assert "Cedar's secret quarrel" in [e.reason for e in _log(dana, carl)]


def test_olivia_reads_all(cast, carl):
    assert {"Cedar's secret quarrel", "Cedar's secret peace"} <= {e.reason for e in _log(cast.olivia, carl)}


def test_the_history_of_staff_stays_as_it_was(cast, dana):
    entries = changelog.entries_of(cast.olivia, StaffReader(dana))
    assert [e.kind for e in entries]


def _why(user: User, person: PortalUser, customer) -> str:
    return explain(_fresh(person), "set_alerts", customer, StaffReader(User.objects.get(pk=user.pk))).deciding.text


def test_of_an_override_from_cedars_time_she_reads_what_it_says_and_not_why(cast, carl, dana, sign_in):
    unlink_customer(carl.links.get(), by=cast.olivia)
    invite_portal_user(email="carl@example.com", customers=[cast.acme], by=dana)
    assert "denied" in _why(dana, carl, cast.acme)
    client = sign_in(dana)
    dialog = f"/admin/accounts/portaluser/{carl.pk}/set_permission/?permission=set_alerts&level="
    text = _read(client, carl) + client.get(dialog).content.decode() + _why(dana, carl, cast.acme)
    assert "s secret" not in text and "Olivia" not in _why(dana, carl, cast.acme)
    assert "Cedar's secret rule" in _why(cast.olivia, carl, cast.acme)


def test_a_reason_she_could_not_read_stays_while_the_effect_does(cast, carl, dana, sign_in):
    unlink_customer(carl.links.get(), by=cast.olivia)
    invite_portal_user(email="carl@example.com", customers=[cast.acme], by=dana)
    dialog = f"/admin/accounts/portaluser/{carl.pk}/set_permission/?permission=set_alerts&level="
    said = {"level": "", "permission": "set_alerts", "effect": "deny", "reason": "", "_form_submitted": "True"}
    client = sign_in(dana)
    client.post(dialog, said | {"ends_at_0": "2099-01-01", "ends_at_1": "10:00", "ends_at": "2099-01-01T10:00"})
    row = carl.overrides.get()
    assert (row.reason, row.ends_at is not None) == ("Cedar's secret rule", True)
    assert "ecret" not in _why(dana, carl, cast.acme), "she wrote the row, not the reason"
    client.post(dialog, said | {"effect": "allow"})
    assert carl.overrides.get().reason == ""
    client.post(dialog, said | {"reason": "Acme's own rule"})
    assert "Acme's own rule" in _why(dana, carl, cast.acme)


def test_of_an_override_from_acmes_time_she_reads_why(cast, dana):
    set_override(cast.colm, "set_alerts", "deny", by=cast.olivia, reason="Acme's own rule")
    assert "Acme's own rule" in _why(dana, cast.colm, cast.acme) and "Olivia" in _why(dana, cast.colm, cast.acme)
