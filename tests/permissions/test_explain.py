from __future__ import annotations

from audit.act import acting
from business.catalogue import PORTAL_PERMISSIONS
from business.models import PortalSettings
from console.reader import UNLIMITED
from permissions.explain import explain, who_may
from permissions.models import PermissionOverride, TemplateAccess
from permissions.resolver import DecidedBy, decide, rights_of
from tests.factories import make_job


def test_it_names_who_denied_it_and_why(cast):
    with acting(by=cast.dana):
        PermissionOverride.objects.create(
            portal_user=cast.cora, permission="cancel_jobs", effect="deny", reason="Cancelled five in a row"
        )
    explanation = explain(cast.cora, "cancel_jobs", make_job(cast.acme, cast.exchange), UNLIMITED)
    assert not explanation.decision
    text = explanation.deciding.text
    assert "denied" in text and "Dana" in text and "Cancelled five in a row" in text
    assert explanation.deciding.target == ("accounts.portaluser", cast.cora.pk)


def test_every_condition_is_listed_in_the_rules_order(cast):
    steps = explain(cast.cora, "set_alerts", make_job(cast.acme, cast.exchange), UNLIMITED).steps
    assert [step.decided_by for step in steps] == [
        DecidedBy.PORTAL,
        DecidedBy.PERSON,
        DecidedBy.FEATURE,
        DecidedBy.LINK_OVERRIDE,
        DecidedBy.USER_OVERRIDE,
        DecidedBy.DEFAULT,
        DecidedBy.CUSTOMER,
        DecidedBy.TEMPLATE,
    ]


def test_its_answer_is_that_of_the_rule_in_every_case(cast, portal):
    """A table of situations: each permission on each job, while one thing after another goes wrong."""
    jobs = [
        make_job(cast.acme, cast.exchange),
        make_job(cast.acme, cast.inspection),
        make_job(cast.cedar, cast.exchange),
        None,
    ]

    def agree():
        cast.cora.refresh_from_db()
        for code in PORTAL_PERMISSIONS:
            for job in jobs:
                explanation = explain(cast.cora, code, job, UNLIMITED)
                assert explanation.decision == decide(rights_of(cast.cora), code, job)
                refused = any(step.met is False for step in explanation.steps)
                assert refused != explanation.decision.allowed, (code, job, explanation)

    agree()
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_jobs", effect="deny")
    agree()
    for link in cast.cora.links.all():
        PermissionOverride.objects.create(link=link, permission="view_jobs", effect="allow")
    agree()
    TemplateAccess.objects.create(portal_user=cast.cora, template=cast.exchange, effect="remove")
    agree()
    PermissionOverride.objects.create(portal_user=cast.cora, permission="any_customer", effect="allow")
    agree()
    PortalSettings.objects.update(map_enabled=False, job_alerts_enabled=False)
    agree()
    cast.cora.links.all().delete()
    agree()
    cast.cora.state = "suspended"
    cast.cora.save()
    agree()
    PortalSettings.objects.update(portal_enabled=False)
    agree()


def test_a_job_says_who_may_see_it(cast):
    PermissionOverride.objects.create(portal_user=cast.colm, permission="view_jobs", effect="deny")
    found = who_may("view_jobs", make_job(cast.acme, cast.exchange), UNLIMITED)
    assert [(str(one.person), one.decision.allowed) for one in found] == [("Cora", True), ("Colm", False)]


def test_it_costs_the_same_for_many_people(cast, django_assert_num_queries):
    job = make_job(cast.acme, cast.exchange)
    with django_assert_num_queries(3):
        who_may("view_jobs", job, UNLIMITED)
