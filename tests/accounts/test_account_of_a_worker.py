"""A worker's account: what she does on her telephone is written down by its name. So nobody names an account that may
do or see more than she does herself.
"""

from __future__ import annotations

import pytest

from accounts.models import User, Worker
from accounts.services import save_worker
from console.errors import NotAllowed, Refused
from permissions.services import grant
from tests.console.people import narrow
from tests.factories import make_worker

ADD = "/admin/accounts/worker/add/"


def page(worker):
    return f"/admin/accounts/worker/{worker.pk}/change/"


def facts(worker, user=None):
    times = {f"working_hours_{day}_{edge}": "" for day in range(7) for edge in ("from", "until")}
    return {"name": worker.name, "colour": worker.colour, "phone": "", "user": user.pk if user else ""} | times


def offered(client, address):
    return {str(user) for user in client.get(address).context["adminform"].form.fields["user"].queryset}


def test_dana_names_those_who_may_no_more_than_she(cast, sign_in):
    dana = sign_in(cast.dana)
    assert offered(dana, page(cast.theo)) == offered(dana, ADD) == {"Dana", "Nell"}
    assert dana.post(page(cast.theo), facts(cast.theo, cast.nell)).status_code == 302
    assert Worker.objects.get(pk=cast.theo.pk).user == cast.nell


@pytest.mark.parametrize("who", ["olivia", "ines", "sam"])
def test_others_are_refused_in_a_sentence_and_what_was_typed_stays(cast, sign_in, who):
    typed = facts(cast.theo, getattr(cast, who)) | {"name": "Theodor"}
    answer = sign_in(cast.dana).post(page(cast.theo), typed)
    text = answer.content.decode()
    assert "may do and see no more than you" in text and 'value="Theodor"' in text
    with pytest.raises(NotAllowed, match="administrator"):
        cast.theo.user = getattr(cast, who)
        save_worker(cast.theo, by=cast.dana)
    assert Worker.objects.get(pk=cast.theo.pk).user is None


def test_who_sees_only_some_customers_names_nobody_who_sees_others(cast, sign_in):
    other = User.objects.create_user("dora@harbour.example", full_name="Dora", is_staff=True)
    other.groups.set(cast.dana.groups.all())
    assert "Dora" in offered(sign_in(cast.dana), page(cast.theo))
    narrow(cast.dana, cast.acme)
    assert offered(sign_in(cast.dana), page(cast.theo)) == {"Dana"}
    cast.theo.user = other
    with pytest.raises(NotAllowed, match="not granted to you"):
        save_worker(cast.theo, by=User.objects.get(pk=cast.dana.pk))
    other.only_granted_customers = True
    other.save()
    grant(other, cast.acme, change=True, by=cast.olivia)
    assert offered(sign_in(cast.dana), page(cast.theo)) == {"Dana", "Dora"}


def test_an_account_that_an_administrator_named_stays(cast, sign_in):
    cast.theo.user = cast.olivia
    save_worker(cast.theo, by=cast.olivia)
    dana = sign_in(cast.dana)
    assert "Olivia" in offered(dana, page(cast.theo)) and "Olivia" not in offered(dana, page(make_worker("Tim")))
    answer = dana.post(page(cast.theo), facts(cast.theo, cast.olivia) | {"name": "Theodor"})
    assert answer.status_code == 302
    theo = Worker.objects.get(pk=cast.theo.pk)
    assert (theo.name, theo.user) == ("Theodor", cast.olivia)


def test_a_portal_user_is_nobodys_worker(cast, sign_in):
    assert sign_in(cast.olivia).post(page(cast.theo), facts(cast.theo, cast.carl.user)).status_code == 200
    cast.theo.user = cast.carl.user
    with pytest.raises(Refused, match="not a member of staff"):
        save_worker(cast.theo, by=cast.olivia)
    assert not Worker.objects.filter(user__isnull=False).exists()


@pytest.mark.parametrize("who", ["nell", "bill", "carl"])
def test_strangers_do_not_reach_the_page(cast, sign_in, who):
    answer = sign_in(getattr(cast, who)).post(page(cast.theo), facts(cast.theo, cast.nell))
    assert answer.status_code in (302, 403) and "change" not in answer.headers.get("Location", "")[:20]
    assert Worker.objects.get(pk=cast.theo.pk).user is None
