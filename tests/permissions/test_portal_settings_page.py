from __future__ import annotations

import pytest

from business.models import PortalSettings
from business.services import save_portal_settings
from console.errors import Conflict
from permissions.services import set_override

URL = "/admin/business/portalsettings/1/change/"


def fields(client, **changed):
    """What the page would send, with some of it changed; switches that are off are left out, as browsers do."""
    form = client.get(URL).context["adminform"].form
    data = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if name == "default_permissions":
            data |= {f"{name}__{code}": "on" for code, yes in value.items() if yes}
        elif value not in (None, False, ""):
            data[name] = "on" if value is True else value
    data.pop("logo", None)
    for name, value in changed.items():
        data.pop(name, None)
        if value is not False:
            data[name] = value
    return data


def seen(answer):
    return answer.wsgi_request.shown_effect["mark"]


def test_the_list_leads_to_the_one_page(cast, sign_in):
    answer = sign_in(cast.olivia).get("/admin/business/portalsettings/", follow=True)
    assert answer.status_code == 200 and "Default permissions" in answer.content.decode()


def test_it_stands_before_it_was_ever_saved(cast, sign_in):
    PortalSettings.objects.all().delete()
    client = sign_in(cast.olivia)
    assert client.get(URL).status_code == 200 and not PortalSettings.objects.exists()
    client.post(URL, fields(client, portal_name="Harbour"))
    assert PortalSettings.objects.get().portal_name == "Harbour"


def test_what_takes_nothing_from_anybody_is_saved_at_once(cast, sign_in):
    client = sign_in(cast.olivia)
    assert client.post(URL, fields(client, portal_name="Harbour")).status_code == 302
    row = PortalSettings.history.first()
    assert (PortalSettings.load().portal_name, row.actor) == ("Harbour", "Olivia")


def test_the_effect_is_shown_in_numbers_and_names_before_it_is_saved(cast, sign_in):
    set_override(cast.colm, "cancel_jobs", "allow", by=cast.dana)
    client = sign_in(cast.olivia)
    data = fields(client, default_permissions__cancel_jobs=False)
    question = client.post(URL, data)
    page = question.content.decode()
    assert PortalSettings.load().allows("cancel_jobs")
    assert "2 people lose it" in page and "1 keeps what an override says" in page
    assert "Cora" in page and "Carl" in page
    assert client.post(URL, data | {"_effect_seen": seen(question)}).status_code == 302
    assert not PortalSettings.load().allows("cancel_jobs")


def test_another_change_is_asked_about_anew(cast, sign_in):
    client = sign_in(cast.olivia)
    question = client.post(URL, fields(client, default_permissions__cancel_jobs=False))
    other = fields(client, default_permissions__edit_jobs=False) | {"_effect_seen": seen(question)}
    assert client.post(URL, other).status_code == 200 and PortalSettings.load().allows("edit_jobs")


def test_an_unchanged_page_says_so(cast, sign_in):
    client = sign_in(cast.olivia)
    answer = client.post(URL, fields(client), follow=True)
    assert "Nothing was changed" in answer.content.decode() and PortalSettings.load().version == 1


def test_default_templates_are_set_here(cast, sign_in):
    client = sign_in(cast.olivia)
    data = fields(client, default_templates=[str(cast.inspection.pk)])
    client.post(URL, data | {"_effect_seen": seen(client.post(URL, data))})
    cast.inspection.refresh_from_db()
    cast.exchange.refresh_from_db()
    assert cast.inspection.is_portal_default and not cast.exchange.is_portal_default


def test_the_second_is_told_what_the_first_changed(cast, sign_in):
    first, second = sign_in(cast.olivia), sign_in(cast.olivia)
    mine = fields(second, introduction="Welcome")
    mine["_seen"] = second.get(URL).context["seen"]
    first.post(URL, fields(first, portal_name="Harbour Bins & Sons"))
    page = second.post(URL, mine).content.decode()
    assert "Olivia" in page and "Harbour Bins &amp; Sons" in page and PortalSettings.load().introduction == ""


def test_of_two_who_save_at_the_same_instant_one_is_refused(cast):
    one, two = PortalSettings.load(), PortalSettings.load()
    one.portal_name, two.portal_name = "One", "Two"
    save_portal_settings(one, by=cast.olivia)
    with pytest.raises(Conflict):
        save_portal_settings(two, by=cast.olivia)
    assert PortalSettings.load().portal_name == "One"


@pytest.mark.parametrize(("who", "read", "write"), [("dana", 200, 403), ("sam", 200, 403), ("nell", 403, 403)])
def test_others_are_refused(cast, sign_in, who, read, write):
    client = sign_in(getattr(cast, who))
    assert client.get(URL).status_code == read
    assert client.post(URL, {"portal_name": "Mine"}).status_code == write
    assert PortalSettings.load().portal_name == "Harbour Bins"


def test_a_stranger_sees_nothing_of_it(cast, sign_in):
    assert sign_in(cast.carl).get(URL).status_code == 302


def test_saving_again_takes_back_nothing_the_second_never_touched(cast, sign_in):
    first, second = sign_in(cast.olivia), sign_in(cast.olivia)
    her_form = fields(second, introduction="Welcome")
    her_form["_seen"] = second.get(URL).context["seen"]
    settings = PortalSettings.load()
    settings.access, settings.portal_name = PortalSettings.Access.PUBLIC, "Harbour Bins & Sons"
    settings.default_permissions = {**settings.default_permissions, "manage_colleagues": True, "cancel_jobs": False}
    save_portal_settings(settings, by=cast.olivia)
    assert first
    form = second.post(URL, her_form).context["adminform"].form
    assert form["portal_name"].value() == "Harbour Bins & Sons" and form["introduction"].value() == "Welcome"
    again = {name: value for name, value in form.data.items() if name != "_seen"}
    again["default_templates"] = form.data.getlist("default_templates")
    again["_seen"] = second.get(URL).context["seen"]
    second.post(URL, again)
    now = PortalSettings.load()
    assert (now.introduction, now.portal_name, now.access) == ("Welcome", "Harbour Bins & Sons", "public")
    assert now.allows("manage_colleagues") and not now.allows("cancel_jobs")


def test_no_setting_is_without_a_place_on_the_page(cast, sign_in):
    form = sign_in(cast.olivia).get(URL).context["adminform"].form
    settings = {f.name for f in PortalSettings._meta.fields if f.editable and not f.primary_key}
    assert settings - set(form.fields) == set()
