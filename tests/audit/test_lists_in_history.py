from __future__ import annotations

from django.contrib.auth.models import Group, Permission

from accounts.models import Label
from accounts.services import save_staff
from audit import changelog
from audit.act import acting
from audit.reader import UNLIMITED
from console.roles import save_role


def test_labels_that_came_and_went_are_named(cast):
    north, south = Label.objects.create(name="North"), Label.objects.create(name="South")
    with acting(by=cast.dana):
        cast.acme.labels.add(north)
        cast.acme.labels.set([south])
    changes = [
        (c.label, c.before, c.after) for entry in changelog.entries_of(cast.acme, UNLIMITED) for c in entry.changes
    ]
    assert changes.count(("Labels", "", "North")) == changes.count(("Labels", "North", "")) == 1, "each is told once"


def test_a_role_and_who_has_it_have_history(cast):
    support = Group.objects.get(name="Support")
    held = set(support.permissions.values_list("pk", flat=True))
    extra = Permission.objects.get(codename="add_job")
    save_role(support, held | {extra.pk}, by=cast.olivia)
    newest = changelog.entries_of(support, UNLIMITED)[0]
    assert newest.actor == "Olivia" and "Jobs: Add" in newest.changes[0].after
    assert newest.model_label == "Role"
    save_staff(cast.nell, roles=[support], by=cast.olivia)
    changes = changelog.entries_of(cast.nell, UNLIMITED)[0].changes
    assert ("Roles", "", "Support") in [(change.label, change.before, change.after) for change in changes], changes
