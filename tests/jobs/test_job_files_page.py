from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from jobs.models import JobFile
from tests.console.people import narrow
from tests.factories import make_job, make_template


@pytest.fixture
def job(cast):
    template = make_template(fields=({"label": "Photo of the site", "key": "photo", "kind": "file"},))
    return make_job(cast.acme, template)


def picture():
    data = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(data, "PNG")
    return SimpleUploadedFile("site.png", data.getvalue(), content_type="image/png")


def add(client, job, upload, **answers):
    url = reverse("admin:jobs_job_add_file", args=[job.pk])
    return client.post(url, {"_form_submitted": "1", "upload": upload, **answers})


def address(file):
    return reverse("admin:jobs_job_file", args=[file.job_id, file.reference])


def test_dana_attaches_a_picture_to_a_field(cast, sign_in, job):
    dana = sign_in(cast.dana)
    assert add(dana, job, picture(), key="photo").status_code == 302
    file = job.files.get()
    assert (file.key, file.kind, file.added_by) == ("photo", "image/png", cast.dana)
    page = dana.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    assert "site.png" in page and "Photo of the site" in page


def test_it_is_handed_out_as_what_it_is_and_never_as_a_page(cast, sign_in, job):
    dana = sign_in(cast.dana)
    add(dana, job, picture())
    answer = dana.get(address(job.files.get()))
    assert answer["Content-Type"] == "image/png" and answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_page_that_calls_itself_a_picture_is_refused(cast, sign_in, job):
    fake = SimpleUploadedFile("site.png", b"<html><script>alert(1)</script>", content_type="image/png")
    page = add(sign_in(cast.dana), job, fake).content.decode()
    assert "neither a picture" in page and not job.files.exists()


def test_a_file_for_a_field_takes_the_place_of_the_one_before(cast, sign_in, job):
    dana = sign_in(cast.dana)
    add(dana, job, picture(), key="photo")
    add(dana, job, picture(), key="photo")
    assert job.files.count() == 1


def test_it_is_removed_with_its_bytes_and_remembered_in_history(cast, sign_in, job, committed):
    dana = sign_in(cast.dana)
    add(dana, job, picture())
    file = job.files.get()
    name, storage = file.content.name, file.content.storage
    with committed():
        dana.post(reverse("admin:jobs_job_remove_file", args=[job.pk]), {"_form_submitted": "1", "file": file.pk})
    assert not job.files.exists() and not storage.exists(name)
    assert JobFile.history.filter(history_type="-", name="site.png").get().history_user == cast.dana


def test_a_narrowed_dispatcher_gets_no_other_customers_file(cast, sign_in, job):
    add(sign_in(cast.olivia), job, picture())
    narrow(cast.dana, cast.birch)
    dana = sign_in(cast.dana)
    assert dana.get(address(job.files.get())).status_code == 404
    assert add(dana, job, picture()).status_code == 404


def test_a_file_is_only_found_under_its_own_job(cast, sign_in, job):
    add(sign_in(cast.olivia), job, picture())
    other = make_job(cast.acme, cast.exchange)
    url = reverse("admin:jobs_job_file", args=[other.pk, job.files.get().reference])
    assert sign_in(cast.dana).get(url).status_code == 404


@pytest.mark.parametrize("person", ["sam", "bill"])
def test_who_may_only_look_sees_it_and_adds_nothing(cast, sign_in, job, person):
    add(sign_in(cast.olivia), job, picture())
    client = sign_in(getattr(cast, person))
    assert client.get(address(job.files.get())).status_code == 200
    assert add(client, job, picture()).status_code == 403
    assert job.files.count() == 1


def test_nell_and_customers_get_nothing(cast, sign_in, job):
    add(sign_in(cast.olivia), job, picture())
    url = address(job.files.get())
    assert sign_in(cast.nell).get(url).status_code in (403, 404)
    assert sign_in(cast.carl).get(url).status_code == 302
