from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from business.models import PortalSettings
from console.reader import UNLIMITED
from permissions import impact
from permissions.models import PermissionOverride
from tests.factories import make_job, make_portal_user


def changed(**fields):
    settings = PortalSettings.load()
    for name, value in fields.items():
        setattr(settings, name, value)
    return settings


def without(code):
    return changed(default_permissions={**PortalSettings.load().default_permissions, code: False})


def test_it_counts_who_loses_and_who_keeps_by_override(cast):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="cancel_jobs", effect="allow")
    (effect,) = impact.foresee_settings(without("cancel_jobs"), UNLIMITED).permissions
    assert (sorted(effect.loses), effect.keeps, effect.gains) == (["Carl", "Colm"], ["Cora"], [])
    assert effect.words == "Cancel jobs: 2 people lose it, 1 keeps what an override says."


def test_it_says_so_when_nothing_changes(cast):
    forecast = impact.foresee_settings(PortalSettings.load(), UNLIMITED)
    assert not forecast
    assert forecast.sentences == ["This changes nothing for anybody."]


def test_switching_the_portal_off_takes_everything_and_closes_links(cast):
    make_job(cast.acme, cast.exchange)
    forecast = impact.foresee_settings(changed(portal_enabled=False), UNLIMITED)
    assert "1 portal link stops opening." in forecast.sentences
    assert {"Cora", "Colm", "Carl"} == set(forecast.permissions[0].loses)


def test_an_override_on_one_link_takes_away_there_only(cast):
    link = cast.cora.links.get(customer=cast.acme)
    forecast = impact.foresee([cast.cora], impact.override_on_link(link.pk, "cancel_jobs", False), UNLIMITED)
    assert [effect.loses for effect in forecast.permissions] == [["Cora"]]


def test_an_override_that_repeats_the_default_changes_nothing(cast):
    assert not impact.foresee([cast.cora], impact.override_on_person("cancel_jobs", True), UNLIMITED)


def test_a_default_template_less_names_who_loses_it(cast):
    forecast = impact.foresee_settings(PortalSettings.load(), UNLIMITED, default_templates=[])
    assert [sorted(effect.loses) for effect in forecast.templates] == [["Carl", "Colm", "Cora"]]


def test_a_suspension_takes_everything(cast):
    forecast = impact.foresee([cast.cora], impact.activity(False), UNLIMITED)
    assert "view_jobs" and all(effect.loses == ["Cora"] for effect in forecast.permissions)


def test_its_queries_do_not_grow_with_the_people(cast):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            impact.foresee_settings(without("cancel_jobs"), UNLIMITED)
        return len(caught)

    few = queries()
    for _ in range(30):
        make_portal_user("", cast.acme)
    assert queries() == few <= 10
