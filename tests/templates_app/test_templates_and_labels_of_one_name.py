"""No two templates, and no two labels, have one name, however it is written; doubles from before go on as they are."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Label
from console.errors import Refused
from templates_app.models import JobTemplate
from templates_app.services import copy_template, create_plain_templates
from tests.console.forms import filled
from tests.factories import make_template

SPELLINGS = ["Skip\u00a0exchange", "SKIP EXCHANGE", "Skip  exchange", "Skip ex\u00adchange", "Skip\u200b exchange"]


@pytest.mark.parametrize("name", SPELLINGS, ids=ascii)
class TestAnotherSpelling:
    def test_is_refused_for_a_template(self, cast, name):
        with pytest.raises(ValidationError, match="is taken"):
            JobTemplate(name=name).full_clean()
        with pytest.raises(Refused):
            copy_template(cast.inspection, by=cast.olivia, name=name)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_template(name)

    def test_makes_no_template_on_the_way(self, cast, name):
        assert create_plain_templates([name], by=cast.olivia) == []

    def test_is_refused_for_a_label_in_the_console(self, cast, name, sign_in):
        Label.objects.create(name="Skip exchange")
        answer = sign_in(cast.olivia).post(reverse("admin:accounts_label_add"), {"name": name})
        assert "is taken. Choose another name." in answer.content.decode()
        assert Label.objects.count() == 1


@pytest.fixture
def double(cast):
    """A label from when names were not compared like that."""
    Label.objects.create(name="VIP")
    return Label.objects.create(name="vip", is_double=True)


def test_a_double_from_before_is_told_and_can_be_saved(cast, double, sign_in):
    olivia = sign_in(cast.olivia)
    assert "Looks like a double" in olivia.get(reverse("admin:accounts_label_changelist")).content.decode()
    url = reverse("admin:accounts_label_change", args=[double.pk])
    assert olivia.post(url, filled(olivia.get(url))).status_code == 302
    double.refresh_from_db()
    assert (double.name, double.is_double) == ("vip", True)


def test_under_another_name_it_is_none_any_more(double):
    double.name = "Very important"
    double.save(update_fields=["name"])
    double.refresh_from_db()
    assert not double.is_double
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.create(name="very  important")


def test_it_cannot_take_a_third_name_that_is_taken(double):
    Label.objects.create(name="Late payer")
    double.name = "LATE PAYER"
    with pytest.raises(ValidationError, match="is taken"):
        double.full_clean()
