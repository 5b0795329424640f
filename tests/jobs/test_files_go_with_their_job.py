"""When a job is removed for good, the bytes of its files are; while it stays, they stay."""

from __future__ import annotations

import pytest
from django.db import transaction

from jobs.models import Job
from jobs.services import attach_file, check_file, delete_job, delete_jobs, lock_jobs
from tests.factories import make_job


def remove_in_a_set(job, by):
    with transaction.atomic():
        delete_jobs(lock_jobs({job.pk}), by=by)


def remove_alone(job, by):
    delete_job(job, by=by)


def attached(job, by, key=""):
    file = attach_file(job, check_file("contract.pdf", b"%PDF-1.4 hello"), by=by, key=key)
    return file.content.name, file.content.storage


@pytest.mark.parametrize("remove", [remove_in_a_set, remove_alone])
def test_the_bytes_go_with_the_job(cast, committed, remove):
    gone, stays = make_job(cast.acme, cast.exchange), make_job(cast.acme, cast.exchange)
    name, storage = attached(gone, cast.dana)
    other, _storage = attached(stays, cast.dana)
    with committed():
        remove(gone, cast.dana)
    assert not storage.exists(name) and storage.exists(other)


@pytest.mark.parametrize("remove", [remove_in_a_set, remove_alone])
def test_a_removal_that_is_rolled_back_loses_nothing(cast, committed, remove):
    job = make_job(cast.acme, cast.exchange)
    name, storage = attached(job, cast.dana)
    with committed(), pytest.raises(ZeroDivisionError), transaction.atomic():
        remove(job, cast.dana)
        raise ZeroDivisionError
    assert Job.objects.exists() and storage.exists(name)


def test_the_bytes_of_a_file_that_was_replaced_go(cast, committed):
    job = make_job(cast.acme, cast.exchange)
    name, storage = attached(job, cast.dana, key="photo")
    with committed():
        new, _storage = attached(job, cast.dana, key="photo")
    assert not storage.exists(name) and storage.exists(new)
