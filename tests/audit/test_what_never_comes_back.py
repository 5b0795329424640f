"""What opens a door never comes back to life by taking back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken, Invitation, User
from accounts.services import make_invitation
from accounts.services.staff import switch_off_staff
from accounts.services.tokens import find_token, make_token, revoke_token
from audit.act import acting
from audit.changelog import history_of, tracked_models
from audit.named import FormOf
from audit.take_back import take_back_of
from console.taking_back import NotTakenBack, take_back_request
from permissions.services.portal_users import invite_portal_user


@pytest.fixture
def token(cast):
    with acting() as act:
        made, plain = make_token(name="Accounting", user=cast.olivia, by=cast.olivia)
    return made, plain, act.request_id


def test_a_revoked_token_opens_nothing_whoever_takes_it_back(cast, token, sign_in):
    made, plain, _created = token
    with acting() as act:
        revoke_token(made, by=cast.olivia)
    page = sign_in(cast.olivia).post(f"/admin/changelog/{act.request_id}/take-back/").content.decode()
    assert "never opens again" in page and f"/admin/accounts/apitoken/{made.pk}/change/" in page
    assert find_token(plain) is None


def test_a_token_is_not_deleted_by_taking_its_creation_back(cast, token):
    made, plain, created = token
    with pytest.raises(NotTakenBack, match="can only be revoked"):
        take_back_request(created, by=cast.olivia)
    assert ApiToken.objects.filter(pk=made.pk).exists() and find_token(plain)


def test_a_withdrawn_invitation_stays_withdrawn(cast):
    old = make_invitation(cast.nell, by=cast.olivia)
    with acting() as act:
        fresh = make_invitation(cast.nell, by=cast.olivia)
    assert not take_back_request(act.request_id, by=cast.olivia).steps
    assert not Invitation.objects.get(pk=old.pk).is_good and Invitation.objects.get(pk=fresh.pk).is_good


def test_an_invitation_goes_with_the_account_it_was_for(cast):
    with acting() as act:
        invite_portal_user(email="new@example.com", customers=[cast.acme], by=cast.olivia)
    take_back_request(act.request_id, by=cast.olivia)
    assert not User.objects.filter(email="new@example.com").exists() and not Invitation.objects.exists()


def test_an_account_that_comes_back_has_no_password_and_no_second_step(cast):
    user = User.objects.create_user("gone@example.com", "a long pass phrase", two_factor_since=timezone.now())
    key = user.pk
    with acting() as act:
        user.delete()
    take_back_request(act.request_id, by=cast.olivia)
    back = User.objects.get(pk=key)
    assert not back.has_usable_password() and back.two_factor_since is None


def test_when_the_second_step_was_switched_on_is_not_put_back(cast):
    cast.nell.two_factor_since = timezone.now() - timedelta(days=3)
    cast.nell.save()
    with acting() as act:
        cast.nell.two_factor_since = None
        cast.nell.save()
    assert not take_back_request(act.request_id, by=cast.olivia).steps
    cast.nell.refresh_from_db()
    assert cast.nell.two_factor_since is None


def test_an_account_that_is_off_again_is_out_at_once(cast):
    switch_off_staff(cast.nell, by=cast.olivia)
    with acting() as act:
        cast.nell.is_active = True
        cast.nell.save()
    invitation = make_invitation(cast.nell, by=cast.olivia)
    epoch = User.objects.get(pk=cast.nell.pk).session_epoch
    take_back_request(act.request_id, by=cast.olivia)
    nell = User.objects.get(pk=cast.nell.pk)
    assert not nell.is_active and nell.session_epoch > epoch
    assert not Invitation.objects.get(pk=invitation.pk).is_good


def test_an_account_that_has_signed_in_is_not_deleted(cast):
    with acting() as act:
        user = User.objects.create_user("new@example.com", "a long pass phrase")
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    with pytest.raises(NotTakenBack, match="signed in since"):
        take_back_request(act.request_id, by=cast.olivia)
    assert User.objects.filter(pk=user.pk).exists()


# Kinds whose left-out fields are only notes of Portico's own, which are made anew or begin again.
BEGINS_AGAIN = {"accounts.PortalUser"}


def test_every_kind_that_leaves_something_out_of_its_history_says_what_becomes_of_it():
    for model in tracked_models():
        tracked = {field.name for field in history_of(model).model.tracked_fields}
        # A form is made anew of what comes back.
        kept = {field.name for field in model._meta.concrete_fields if not isinstance(field, FormOf)}
        left_out = kept - tracked
        rule = take_back_of(model)
        said = rule.before_save or "recreate" in rule.never or "recreate" in rule.kept
        assert not left_out or said or model._meta.label in BEGINS_AGAIN, f"{model._meta.label}: {left_out}"


def test_every_list_of_a_record_is_remembered_or_said_to_be_lost():
    for model in tracked_models():
        remembered = {field.name for field in history_of(model).model._history_m2m_fields}
        for many in model._meta.local_many_to_many:
            through = many.remote_field.through
            by_rows = not through._meta.auto_created and through in tracked_models()
            assert many.name in remembered or by_rows or take_back_of(model).lost, f"{model._meta.label}.{many.name}"
