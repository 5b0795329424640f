"""Templates of packages that may make markup of a text, and why none that people wrote becomes markup there."""

from __future__ import annotations

# Ours stands in their place. Left: their path, right: the name by which they are asked for.
REPLACED = {"unfold/templates/unfold/helpers/help_text.html": "unfold/helpers/help_text.html"}
# tests/doors/test_harmless_element.py renders none of them.
NEVER_RENDERED: dict[str, set[str]] = {
    "our pages draw their forms field by field, with Unfold's fields or those of the companion site": {
        *(f"django/forms/templates/django/forms/{name}.html" for name in ("field", "p", "table", "ul")),
        *(f"django/forms/templates/django/forms/formsets/{name}.html" for name in ("div", "p", "table", "ul")),
        *(
            f"unfold/templates/unfold_crispy/layout/{name}.html"
            for name in (
                "button", "buttonholder", "column", "div", "fieldset", "help_text", "row", "table_inline_formset",
            )
        ),
    },
    "Unfold's, or ours, stands before it": {
        "django/contrib/admin/templates/admin/auth/user/change_password.html",
        "django/contrib/admin/templates/admin/edit_inline/tabular.html",
        "django/contrib/admin/templates/admin/includes/fieldset.html",
        "django/contrib/admin/templates/registration/password_change_form.html",
        "import_export/templates/admin/import_export/export.html",
    },
    "its mail is not sent: ours is": {
        "django/contrib/admin/templates/registration/password_reset_email.html",
        "django/contrib/auth/templates/registration/password_reset_subject.txt",
    },
    "rights to single records have pages of our own": {
        "guardian/templates/admin/guardian/contrib/grappelli/field.html",
        "guardian/templates/admin/guardian/contrib/grappelli/obj_perms_manage.html",
        "guardian/templates/admin/guardian/model/obj_perms_manage.html",
        "guardian/templates/admin/guardian/model/obj_perms_manage_user.html",
        "unfold/contrib/guardian/templates/unfold/guardian/group_form.html",
        "unfold/contrib/guardian/templates/unfold/guardian/user_form.html",
    },
    "imports have pages of our own": {
        "import_export/templates/admin/import_export/import.html",
        "unfold/contrib/import_export/templates/admin/import_export/import_confirm.html",
    },
    "no list has such a filter or column": {
        "unfold/contrib/filters/templates/unfold/filters/filters_numeric_slider.html",
        "unfold/templates/unfold/helpers/dataset.html",
        "unfold/templates/unfold/helpers/display_dropdown.html",
    },
}  # fmt: skip
# tests/doors/test_harmless_element.py and test_markup_of_packages.py find none of it there.
WITHOUT_PEOPLES_TEXT: dict[str, set[str]] = {
    "forms of keys and numbers alone, whose fields are hidden": {"django/forms/templates/django/forms/div.html"},
    "the description of a group of fields, which our code holds": {
        "unfold/templates/admin/includes/fieldset.html",
    },
    "the titles of the sidebar, which our code holds": {"unfold/templates/unfold/helpers/app_list.html"},
    "an attribute that names a form": {"unfold/templates/unfold/components/button.html"},
    "names of fields, tabs, actions and models, and numbers, in expressions of Alpine": {
        "unfold/templates/admin/change_form.html",
        "unfold/templates/admin/edit_inline/stacked.html",
        "unfold/templates/admin/edit_inline/tabular.html",
        "unfold/templates/unfold/helpers/actions_row.html",
        "unfold/templates/unfold/helpers/command_results.html",
        "unfold/templates/unfold/helpers/fieldset_row.html",
        "unfold/templates/unfold/helpers/fieldsets_tabs.html",
        "unfold/templates/unfold/helpers/search_results.html",
        "unfold/templates/unfold/helpers/tab_action.html",
        "unfold/templates/unfold/helpers/tab_items.html",
        "unfold/templates/unfold/layouts/skeleton.html",
        "unfold/templates/unfold/widgets/related_widget_wrapper.html",
    },
}


def never_rendered() -> frozenset[str]:
    """The paths of those that no page of ours is made from."""
    return frozenset[str]().union(*NEVER_RENDERED.values())
