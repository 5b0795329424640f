"""Records with a name that people type: how it is kept, and the forms by which it is compared, found and searched.

Every record found by its name is a ``NamedRecord``; one whose name nobody else has is ``UniquelyNamed``. Rows are found
by ``filter(name_key=typed)``, in whatever way it was typed: the column brings words into its form itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, lookups
from django.db.models.base import ModelBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.normal_form import LONGEST, normal_form, search_form, searchable, tidy
from audit.one_line import OneLine
from audit.referrers import field_of

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# What may be written into a column, and what is read from it.
_Set = TypeVar("_Set", contravariant=True)
_Get = TypeVar("_Get", covariant=True)

# The columns of ``NamedRecord``. History leaves them out: they say nothing that the name does not say.
FORMS = ("name_key", "name_search")
# A column that history keeps, and tells nobody: it is a mark of ours on the name, which is told.
NOT_TOLD = ("is_double",)


class Name(OneLine[_Set, _Get]):
    """A name as it was typed, without what nobody sees. In migrations it is Django's own."""

    def to_python(self, value: object) -> object:
        """The value as a form or a service reads it."""
        value = super().to_python(value)
        return tidy(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        """The value as it is saved; the record gets it as well."""
        value = getattr(model_instance, self.attname)
        if isinstance(value, str):
            setattr(model_instance, self.attname, tidy(value))
        return super().pre_save(model_instance, add)

    def get_prep_value(self, value: object) -> object:
        """The value as ``update`` and lookups write it."""
        value = super().get_prep_value(value)
        return tidy(value) if isinstance(value, str) else value


class FormOf(models.CharField[_Set, _Get]):
    """A form of another field, written whenever that is saved (``KeepsForms``). In migrations it is Django's own.

    ``of``: the field. ``made_by``: what makes the form. ``asked_by``: what makes the form of words that are looked for,
    if that is another. Lookups bring words into their form by themselves.
    """

    def __init__(
        self,
        *args: Any,
        of: str = "name",
        made_by: Callable[[str], str] = normal_form,
        asked_by: Callable[[str], str] | None = None,
        **options: Any,
    ) -> None:
        self.of, self.made_by, self.asked_by = of, made_by, asked_by or made_by
        settings: dict[str, Any] = {"max_length": LONGEST, "editable": False, "default": "", **options}
        super().__init__(*args, **settings)

    def form_of(self, text: str | None) -> str:
        """The form of a text, as it is kept."""
        return self.made_by(text or "")[: self.max_length]

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """The value as it is saved; the record gets it as well."""
        # The field itself is cleaned first: what it does not keep is not searched in either.
        form = self.form_of(field_of(type(model_instance), self.of).pre_save(model_instance, add))
        setattr(model_instance, self.attname, form)
        return form

    def get_prep_value(self, value: object) -> object:
        """Words that are looked for, in the form in which they are kept."""
        value = super().get_prep_value(value)
        return self.asked_by(value) if isinstance(value, str) else value

    def get_db_prep_save(self, value: object, connection: BaseDatabaseWrapper) -> object:
        """What is written is in its form already."""
        return self.get_db_prep_value(value, connection, prepared=True)

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


@FormOf.register_lookup
class _Holds(lookups.Contains):
    """Does the form hold these words, in their form?"""

    def get_prep_lookup(self) -> object:
        return self.lhs.output_field.get_prep_value(self.rhs)


@FormOf.register_lookup
class _HoldsToo(_Holds):
    """The same, as Django's search asks: capitals are none in a form."""

    lookup_name = "icontains"


def key_of_name() -> FormOf[str, str]:
    """The column by which rows are found by their name, and by which names are the same."""
    return FormOf(gettext_lazy("normal form of the name"), made_by=normal_form)


def search_of(field: str = "name") -> FormOf[str, str]:
    """The column in which words of a field are searched."""
    return FormOf(
        gettext_lazy("words to be found by"), of=field, made_by=searchable, asked_by=search_form, max_length=2 * LONGEST
    )


def forms_of(model: type[models.Model], values: Mapping[str, object]) -> dict[str, str]:
    """The forms that follow from values of a model's fields, as columns of it."""
    forms = (field for field in model._meta.concrete_fields if isinstance(field, FormOf))
    return {form.name: form.form_of(text) for form in forms if isinstance(text := values.get(form.of), str)}


class KeepsForms(models.Model):
    """A record with forms of its fields, which are saved whenever the fields are."""

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save it, and what follows from what is saved."""
        if update_fields is not None:
            written = set(update_fields)
            forms = (field for field in type(self)._meta.concrete_fields if isinstance(field, FormOf))
            update_fields = written | {form.name for form in forms if form.of in written}
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)


class NamedRecord(KeepsForms):
    """A record that is found by its name; others may have the same."""

    name_key = key_of_name()
    name_search = search_of()

    class Meta:
        abstract = True


class UniquelyNamed(NamedRecord):
    """A record whose name is its own, however it is written.

    Of those that had one name when names were not compared like that, all but the oldest are doubles: they keep their
    name until it is changed, and are found by it after the oldest.
    """

    name: models.Field[str, str]
    is_double = models.BooleanField(gettext_lazy("looks like a double"), default=False, editable=False)

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Raises ValidationError for a name that another record has."""
        super().clean()
        key = normal_form(self.name)
        if not self._state.adding and key == self.name_key:
            return
        if type(self)._base_manager.filter(name_key=key).exclude(pk=self.pk).exists():
            raise ValidationError({"name": _("The name “%s” is taken. Choose another name.") % self.name})

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save it. Under another name it is no double any more."""
        if self.is_double and not self._state.adding and normal_form(self.name) != self.name_key:
            self.is_double = False
            update_fields = None if update_fields is None else {*update_fields, "is_double"}
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)


def one_of_each_name(model: str) -> models.UniqueConstraint:
    """The rule that no two records of a model, given by its name, have one name; doubles from before apart."""
    return models.UniqueConstraint(
        fields=["name_key"],
        condition=Q(is_double=False),
        name=f"one_{model}_of_each_name",
        violation_error_message=gettext_lazy("This name is taken already."),
    )
