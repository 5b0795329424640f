"""Every list of related records on a form: what Dana may not see is not offered, not named, and stays."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import models
from django.test import RequestFactory

from alerts.models import Alert
from console.kit.hidden_choices import HiddenChoices
from console.scope import forget_reach
from permissions.services import grant
from tests.architecture.tree import APPS

LISTS = [
    pytest.param(model, field, id=f"{model._meta.label}.{field.name}")
    for model in admin.site._registry
    for field in model._meta.many_to_many
    if model._meta.app_label in APPS
]


@pytest.mark.parametrize(("model", "field"), LISTS)
def test_every_page_with_such_a_list_keeps_what_is_hidden(model, field):
    page = type(admin.site._registry[model])
    assert issubclass(page, HiddenChoices), "derive it from ConsoleModelAdmin"
    # Before Django's own page, so that no other form is made after it.
    assert page.__mro__.index(HiddenChoices) < page.__mro__.index(admin.ModelAdmin)


@pytest.mark.parametrize("name", ["customers", "templates"])
def test_a_hidden_record_is_neither_offered_nor_dropped(cast, name, monkeypatch):
    # An alert for others too is not hers to change. The form must not lose anything even if it were.
    page = admin.site._registry[Alert]
    monkeypatch.setattr(page, "has_change_permission", lambda request, obj=None: True)
    mine, theirs = {"customers": (cast.acme, cast.birch), "templates": (cast.exchange, cast.inspection)}[name]
    setattr(cast.dana, f"only_granted_{name}", True)
    cast.dana.save()
    grant(cast.dana, mine, change=True, by=cast.olivia)
    forget_reach(cast.dana)
    alert = Alert.objects.create(name="To both", event="job.scheduled", subject="Planned", message="Planned")
    getattr(alert, name).set([mine, theirs])
    request = RequestFactory().get("/")
    request.user = cast.dana
    made = page.get_form(request, alert, change=True, fields=[name])

    shown = made(instance=alert)
    field = shown.fields[name]
    assert [record.pk for record in shown.initial[name]] == [mine.pk]
    assert isinstance(field.queryset, models.QuerySet)
    assert theirs not in field.queryset
    assert "1 more" in field.help_text
    assert str(theirs) not in shown.as_p()

    sent = made({name: [str(mine.pk)]}, instance=alert)
    sent.full_clean()
    assert {record.pk for record in sent.cleaned_data[name]} == {mine.pk, theirs.pk}
