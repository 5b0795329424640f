from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from console.errors import UnknownPermission
from permissions.models import PermissionOverride, TemplateAccess
from permissions.resolver import DecidedBy, decide, rights_of, rights_of_many
from tests.factories import make_job


def deny(code, **where):
    return PermissionOverride.objects.create(permission=code, effect="deny", **where)


def test_what_everybody_may_she_may(cast):
    decision = decide(rights_of(cast.cora), "cancel_jobs", make_job(cast.acme, cast.exchange))
    assert decision and decision.decided_by == DecidedBy.DEFAULT


def test_an_override_on_her_beats_the_default(cast):
    deny("cancel_jobs", portal_user=cast.cora)
    decision = decide(rights_of(cast.cora), "cancel_jobs", make_job(cast.acme, cast.exchange))
    assert not decision and decision.decided_by == DecidedBy.USER_OVERRIDE and "denied to her" in decision.reason


def test_an_override_on_a_link_beats_the_one_on_her(cast):
    deny("cancel_jobs", portal_user=cast.cora)
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(link=link, permission="cancel_jobs", effect="allow")
    rights = rights_of(cast.cora)
    assert decide(rights, "cancel_jobs", make_job(cast.acme, cast.exchange)).decided_by == DecidedBy.LINK_OVERRIDE
    assert not decide(rights, "cancel_jobs", make_job(cast.birch, cast.exchange))


def test_an_override_stops_counting_at_its_minute(cast):
    end = timezone.now() + timedelta(hours=1)
    deny("cancel_jobs", portal_user=cast.cora, ends_at=end)
    job = make_job(cast.acme, cast.exchange)
    assert not decide(rights_of(cast.cora), "cancel_jobs", job)
    assert decide(rights_of(cast.cora, at=end), "cancel_jobs", job)


def test_another_customers_job_is_not_hers(cast):
    decision = decide(rights_of(cast.carl), "view_jobs", make_job(cast.acme, cast.exchange))
    assert not decision and decision.decided_by == DecidedBy.CUSTOMER


def test_a_template_she_lacks_hides_its_jobs(cast):
    job = make_job(cast.acme, cast.inspection)
    assert decide(rights_of(cast.cora), "view_jobs", job).decided_by == DecidedBy.TEMPLATE
    TemplateAccess.objects.create(portal_user=cast.cora, template=cast.inspection)
    assert decide(rights_of(cast.cora), "view_jobs", job)


def test_a_suspended_person_may_nothing(cast):
    cast.cora.state = "suspended"
    cast.cora.save()
    assert decide(rights_of(cast.cora), "view_jobs", make_job(cast.acme, cast.exchange)).decided_by == DecidedBy.PERSON


def test_a_permission_that_does_not_exist_is_a_mistake(cast):
    with pytest.raises(UnknownPermission):
        decide(rights_of(cast.cora), "fly")


def test_two_queries_whatever_she_has(cast, django_assert_num_queries):
    for code in ("cancel_jobs", "edit_jobs", "view_map"):
        deny(code, portal_user=cast.cora)
        for link in cast.cora.links.all():
            deny(code, link=link)
    with django_assert_num_queries(2):
        rights_of(cast.cora)


def test_many_people_cost_what_one_costs_and_say_the_same(cast, django_assert_num_queries):
    deny("cancel_jobs", portal_user=cast.cora)
    people = [cast.cora, cast.colm, cast.carl]
    with django_assert_num_queries(2):
        many = rights_of_many(people)
    assert many == {person.pk: rights_of(person) for person in people}
