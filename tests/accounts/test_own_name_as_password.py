"""A password that is a name with some digits is refused; what only begins with one is not."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.passwords import OwnNameValidator

MIRA = User(full_name="Mira Öztürk", email="office.mira@acme-bins.example")


@pytest.mark.parametrize(
    "password",
    [
        "mira1234", "Mira2026!", "1234mira", "Öztürk1985", "ozturk-1985",
        "miraozturk1", "Mira.Oeztuerk1".replace("oe", "o").replace("Oe", "O").replace("ue", "u"),
        "m.ozturk12", "office1234", "OfficeMira99", "acme1234", "bins-2026",
        "harbour1234", "HarbourBins1", "harbour_mira7",
        "mira12345678",
    ],
)  # fmt: skip
def test_a_name_with_digits_is_refused_with_a_sentence(portal, password):
    with pytest.raises(ValidationError, match="name with digits"):
        OwnNameValidator().validate(password, MIRA)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "miras hund bellt", "mira839201847362", "8392018473", "oxford1234", "m1o2m3o4", ""],
)
def test_anything_else_is_left_to_the_other_rules(portal, password):
    OwnNameValidator().validate(password, MIRA)


def test_it_is_one_of_the_rules_of_every_password(portal):
    with pytest.raises(ValidationError) as refused:
        validate_password("harbour4711", MIRA)
    assert "own_name" in {problem.code for problem in refused.value.error_list}


def test_without_a_person_the_business_still_counts(portal):
    with pytest.raises(ValidationError):
        OwnNameValidator().validate("harbour4711")


def test_cora_cannot_choose_one_by_the_site(cast, sign_in):
    said = {"old_password": "correct horse battery", "new_password1": "harbour4711", "new_password2": "harbour4711"}
    page = sign_in(cast.cora).post("/me/password/", said)
    assert page.status_code in (200, 422) and "name with digits" in page.content.decode()
