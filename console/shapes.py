"""What the kit's bases are about, by name: the records of a page, and what Django hands to it and takes from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from django import forms
from django.db import models

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.options import InlineModelAdmin
    from import_export.resources import ModelResource

    from audit import private_hooks
    from console.kit.pages import ConsoleModelAdmin

# The records of a page: ``ConsoleModelAdmin[Job]``. A page that does not say is one of any records.
Record = TypeVar("Record", bound=models.Model)
# What is known by names: what a template is given, what a form holds.
Context = dict[str, Any]
# Words on a page, translated when it is shown.
Words: TypeAlias = "private_hooks.Words"
# A column of a list or a line of a form: its name, or a function of the record.
Column = str | Callable[[Any], Any]
# Heading, and what stands below it: "fields", "classes", "description".
Fieldsets: TypeAlias = "private_hooks.Fieldsets"
# What stands below one of them.
FieldOptions: TypeAlias = "private_hooks.FieldOptions"

# Django's and the kit's own classes, of whatever records and values.
AnyField: TypeAlias = "models.Field[Any, Any]"
AnyForeignKey: TypeAlias = "models.ForeignKey[Any, Any]"
AnyManyToMany: TypeAlias = "models.ManyToManyField[Any, Any]"
AnyRows: TypeAlias = "models.QuerySet[Any]"
AnyPrefetch: TypeAlias = "models.Prefetch[Any]"
AnyForm: TypeAlias = "forms.ModelForm[Any]"
AnyFormSet: TypeAlias = "forms.BaseModelFormSet[Any, Any]"
AnyPage: TypeAlias = "ConsoleModelAdmin[Any]"
AnyAdmin: TypeAlias = "ModelAdmin[Any]"
AnyInline: TypeAlias = "InlineModelAdmin[Any, Any]"
AnyResource: TypeAlias = "ModelResource[Any]"
