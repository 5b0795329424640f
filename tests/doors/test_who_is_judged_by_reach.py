"""What was granted limits staff at the office's doors; other doors have rules of their own."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Q

from accounts.models import CustomerLink, PortalUser, User
from accounts.services.named_customers import NewCustomer, find_or_create_customers
from audit.act import acting
from console.errors import NotAllowed
from console.reach import keys_beyond_reach, require_reach, require_reach_of_keys
from console.scope import Scope, history_condition, scope_condition
from jobs.choices import JobStatus
from jobs.services import make_token, schedule_job
from permissions.models import CustomerGrant
from tests.factories import make_job, make_location


@pytest.fixture
def dana(cast):
    """May look at Acme, and was granted nothing else."""
    User.objects.filter(pk=cast.dana.pk).update(only_granted_customers=True)
    permission = Permission.objects.get(codename="view_customer")
    CustomerGrant.objects.create(user=cast.dana, permission=permission, content_object=cast.acme)
    return User.objects.get(pk=cast.dana.pk)


def test_whoever_is_not_limited_costs_no_query(cast, django_assert_num_queries):
    jobs = [make_job(cast.acme), make_job(cast.cedar)]
    with django_assert_num_queries(0):
        for by in (None, AnonymousUser(), cast.olivia, cast.ines, cast.cora.user):
            require_reach(by, *jobs, cast.birch)
            require_reach_of_keys(by, type(jobs[0]), [job.pk for job in jobs])


def test_a_set_costs_one_query_for_each_kind(cast, dana, django_assert_num_queries):
    jobs = [make_job(cast.acme) for _number in range(5)]
    assert not keys_beyond_reach(dana, type(jobs[0]), [], "view")  # her grants are fetched once
    with django_assert_num_queries(1):
        assert not keys_beyond_reach(dana, type(jobs[0]), [job.pk for job in jobs], "view")
    with django_assert_num_queries(2):
        require_reach(dana, *jobs, cast.acme, action="view")


def test_the_refusal_names_only_what_dana_may_see(cast, dana):
    with pytest.raises(NotAllowed, match="Acme Builders is not, or not only"):
        require_reach(dana, cast.acme)
    with pytest.raises(NotAllowed) as refusal:
        require_reach(dana, cast.cedar, make_job(cast.cedar))
    assert "Cedar" not in str(refusal.value) and "J-0" not in str(refusal.value)


@pytest.mark.parametrize("limit", ["only_granted_customers", "only_granted_templates"])
def test_what_belongs_to_somebody_is_shown_to_no_other_who_is_limited_in_any_way(cast, limit):
    owned = {model: model.scope.owner for model in apps.get_models() if getattr(model, "scope", Scope()).owner}
    assert {model.__name__ for model in owned} == {"ImportRun", "ImportRow", "ImportMapping", "ListExport"}
    setattr(cast.ines, limit, True)
    for model, owner in owned.items():
        assert (
            scope_condition(model, cast.ines) == scope_condition(model, cast.ines, "change") == Q(**{owner: cast.ines})
        )
        assert scope_condition(model, cast.olivia) is None
        if hasattr(model, "history"):
            assert history_condition(model, cast.ines) and not history_condition(model, cast.olivia)


@pytest.mark.parametrize("name", ["Cedar School", "Nobody Ltd"])
def test_a_foreign_name_is_answered_like_one_that_nobody_bears(cast, dana, name):
    with pytest.raises(NotAllowed, match="You work only with certain customers"):
        find_or_create_customers([NewCustomer(name)], by=dana)


def test_dana_orders_for_cedar_on_the_companion_site_where_she_is_its_portal_user(cast, dana, sign_in):
    person = PortalUser.objects.create(user=dana, state="active")
    CustomerLink.objects.create(portal_user=person, customer=cast.cedar)
    form = {"account": cast.cedar.pk, "place": make_location(cast.cedar).pk, "once": "one"}
    answer = sign_in(dana).post("/jobs/new/skip-exchange/", form)
    assert answer.status_code == 302, answer.context["form"].errors
    assert cast.cedar.jobs.count() == 1
    with pytest.raises(NotAllowed), acting(by=dana):
        schedule_job(cast.cedar.jobs.get(), by=dana, start=cast.cedar.created_at)


def test_a_workers_token_opens_the_jobs_of_the_worker_whatever_was_granted_to_their_account(cast, dana, client):
    cast.theo.user = dana
    cast.theo.save()
    job = make_job(cast.cedar, cast.exchange, worker=cast.theo)
    _token, plain = make_token(name="Van", by=None, worker=cast.theo)
    headers = {"Authorization": f"Bearer {plain}"}
    url = f"/api/v1/worker/jobs/{job.number}/transitions"
    answer = client.post(url, {"step": "start"}, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    job.refresh_from_db()
    assert job.status == JobStatus.STARTED
