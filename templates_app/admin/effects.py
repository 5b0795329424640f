"""What saving the editor would change, and what that reaches: told beside the form, asked about before it counts."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from console.shapes import AnyForm, AnyFormSet
from templates_app.admin.preview import kept_rows
from templates_app.definitions import FieldDefinition
from templates_app.hooks import TemplateChange
from templates_app.models import JobTemplate, TemplateField, TemplateStep
from templates_app.prices import tax_in_words, total_of

# What a job takes over from its template when it is made, besides steps and fields.
COPIED = frozenset({"duration_minutes", "price_lines", "prices_include_tax", "currency", "notes"})


def change_of(form: AnyForm, formsets: Iterable[AnyFormSet]) -> TemplateChange:
    """What the bound forms of the editor would change, in words, and the fields as they would be."""
    template: JobTemplate = form.instance
    own = [name for name in form.changed_data if name in form.fields]
    sentences = [_own_words(form, name) for name in own]
    fields: list[FieldDefinition] | None = None
    reaches = bool(COPIED & set(own))
    for formset in formsets:
        said = _rows_in_words(formset)
        sentences += said
        reaches = reaches or bool(said)
        if formset.prefix == "fields":
            fields = [row.definition() for row in kept_rows(formset) if isinstance(row, TemplateField)]
    if fields is None:
        fields = template.field_definitions() if template.pk else []
    return TemplateChange(sentences=sentences, fields=fields, reaches_jobs=reaches)


def _own_words(form: AnyForm, name: str) -> str:
    label = str(form.fields[name].label)
    if name == "prices_include_tax":
        now = bool(form.cleaned_data.get(name))
        return _("Prices: %(before)s → %(after)s") % {"before": tax_in_words(not now), "after": tax_in_words(now)}
    if name != "price_lines":
        return label
    before, after = total_of(form.initial.get(name)), total_of(form.cleaned_data.get(name))
    if before == after:
        return label
    currency = form.cleaned_data.get("currency") or form.instance.currency
    include_tax = bool(form.cleaned_data.get("prices_include_tax", form.instance.prices_include_tax))
    said = _("%(label)s: %(before)s → %(after)s %(currency)s %(tax)s") % {
        "label": label,
        "before": "–" if before is None else before,
        "after": "–" if after is None else after,
        "currency": currency,
        # One mode for both sums, or none that is true of both.
        "tax": "" if "prices_include_tax" in form.changed_data else tax_in_words(include_tax),
    }
    return said.strip()


def _rows_in_words(formset: AnyFormSet) -> list[str]:
    """What becomes of steps or fields: new ones, those that go, those that change and in what."""
    formset.is_valid()
    names = TemplateField._meta if formset.model is TemplateField else TemplateStep._meta
    kind = str(names.verbose_name)
    said, moved = [], False
    for form in formset.forms:
        data = getattr(form, "cleaned_data", None) or {}
        name = data.get("name") or data.get("label") or str(form.instance)
        changed = [part for part in form.changed_data if part in form.fields and part not in ("DELETE", "position")]
        words = {"kind": kind, "name": name}
        if data.get("DELETE"):
            if form.instance.pk:
                said.append(_("%(kind)s “%(name)s” goes") % words)
        elif not form.instance.pk:
            if changed and name:
                said.append(_("new %(kind)s “%(name)s”") % words)
        elif changed:
            parts = ", ".join(str(form.fields[part].label).lower() for part in changed)
            said.append(_("%(kind)s “%(name)s”: %(parts)s") % (words | {"parts": parts}))
        moved = moved or ("position" in form.changed_data and bool(form.instance.pk))
    if moved:
        said.append(_("order of the %s") % names.verbose_name_plural)
    return said
