"""Who writes which records, read from the source: calls of ``save``, ``delete``, ``update`` and their like.

What a value is, is told from annotations, from what it is assigned (``Customer(...)``, ``Customer.objects.get()``,
``customer.contacts.all()``), from what a loop runs over, and from the names of relations (``job.customer``). What
cannot be told so (``record.save()`` in code for records of any kind) is not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from tests.architecture.tree import Module

OF_ONE = frozenset({"save", "delete"})
OF_MANY = frozenset(
    {"update", "delete", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "raw_delete"}
)
# Functions that are told a model, and write its records.
TOLD_A_MODEL = frozenset({"insert", "delete_many", "bulk_create_with_history", "bulk_update_with_history"})
MANAGERS = frozenset({"objects", "_base_manager", "_default_manager"})
# Methods that give one record; all others of a set of records give a set again.
ONE = frozenset({"get", "first", "last", "create", "earliest", "latest"})
# Names of relations that mean something else as a rule: a form has fields too.
AMBIGUOUS = frozenset({"fields"})


@dataclass(frozen=True)
class Type:
    """What a value is: a record of a model, or several."""

    model: str
    many: bool = False


@dataclass(frozen=True)
class Write:
    """One call: where it stands, what it writes."""

    place: str
    line: int
    model: str
    method: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line} {self.model}.{self.method}"


def _relations() -> dict[str, Type]:
    """{name of a relation: what it leads to}, of names that lead to one kind of record, whatever they start from."""
    found: dict[str, set[Type]] = {}
    for model in apps.get_models():
        if model.__module__.split(".")[0] in {"django", "simple_history"} or model._meta.label.split(".")[1].startswith(
            "Historical"
        ):
            continue
        for field in model._meta.get_fields():
            if not field.is_relation or field.related_model is None or isinstance(field.related_model, str):
                continue
            name = field.name if not field.auto_created else getattr(field, "get_accessor_name", lambda: None)()
            if name:
                many = bool(field.one_to_many or field.many_to_many)
                found.setdefault(name, set()).add(Type(field.related_model.__name__, many))
    return {name: next(iter(types)) for name, types in found.items() if len(types) == 1 and name not in AMBIGUOUS}


class _Reader:
    """Reads one module, function by function."""

    def __init__(self, module: Module, nouns: frozenset[str], relations: dict[str, Type]) -> None:
        self.module, self.nouns, self.relations = module, nouns, relations
        self.found: list[Write] = []

    def read(self) -> list[Write]:
        self._block(self.module.tree, {})
        return self.found

    def _block(self, node: ast.AST, names: dict[str, Type]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inner = dict(names)
                arguments = child.args
                for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
                    if one.annotation is not None and (told := self._annotated(one.annotation)):
                        inner[one.arg] = told
                    else:
                        inner.pop(one.arg, None)
                self._block(child, inner)
                continue
            if isinstance(child, ast.For | ast.comprehension):
                self._bind(child.target, self._element(self.type_of(child.iter, names)), names)
            if isinstance(child, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
                for generator in child.generators:
                    self._bind(generator.target, self._element(self.type_of(generator.iter, names)), names)
            if isinstance(child, ast.Call):
                self._call(child, names)
            self._block(child, names)
            if isinstance(child, ast.Assign):
                for target in child.targets:
                    self._bind(target, self.type_of(child.value, names), names)
            if isinstance(child, ast.AnnAssign):
                self._bind(child.target, self._annotated(child.annotation), names)
            if isinstance(child, ast.NamedExpr):
                self._bind(child.target, self.type_of(child.value, names), names)

    def _bind(self, target: ast.expr, told: Type | None, names: dict[str, Type]) -> None:
        if isinstance(target, ast.Name):
            if told is None:
                names.pop(target.id, None)
            else:
                names[target.id] = told

    @staticmethod
    def _element(told: Type | None) -> Type | None:
        return Type(told.model) if told and told.many else None

    def _annotated(self, node: ast.expr) -> Type | None:
        """``Customer``, ``Customer | None``, ``Sequence[Customer]``, ``CustomerQuerySet``."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.Name):
            if node.id in self.nouns:
                return Type(node.id)
            return Type(noun, many=True) if (noun := node.id.removesuffix("QuerySet")) in self.nouns else None
        if isinstance(node, ast.BinOp):
            return self._annotated(node.left) or self._annotated(node.right)
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            told = next(filter(None, map(self._annotated, inner)), None)
            return Type(told.model, many=True) if told else None
        return None

    def type_of(self, node: ast.expr, names: dict[str, Type]) -> Type | None:
        """What an expression is, as far as it can be told."""
        if isinstance(node, ast.Name):
            return names.get(node.id)
        if isinstance(node, ast.Attribute):
            if node.attr in MANAGERS and isinstance(node.value, ast.Name) and node.value.id in self.nouns:
                return Type(node.value.id, many=True)
            return self.relations.get(node.attr)
        if isinstance(node, ast.Subscript):
            return self._element(self.type_of(node.value, names))
        if isinstance(node, ast.BoolOp):
            return next(filter(None, (self.type_of(value, names) for value in node.values)), None)
        if isinstance(node, ast.IfExp):
            return self.type_of(node.body, names) or self.type_of(node.orelse, names)
        if isinstance(node, ast.List | ast.ListComp | ast.GeneratorExp):
            elements = [node.elt] if not isinstance(node, ast.List) else node.elts[:1]
            told = next(filter(None, (self.type_of(one, names) for one in elements)), None)
            return Type(told.model, many=True) if told else None
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                if node.func.id in self.nouns:
                    return Type(node.func.id)
                if node.func.id in ("list", "sorted", "tuple", "set", "reversed") and node.args:
                    return self.type_of(node.args[0], names)
                return None
            if isinstance(node.func, ast.Attribute):
                rows = self.type_of(node.func.value, names)
                if rows is not None and rows.many:
                    return Type(rows.model, many=node.func.attr not in ONE)
        return None

    def _call(self, node: ast.Call, names: dict[str, Type]) -> None:
        function = node.func
        if isinstance(function, ast.Name) and function.id in TOLD_A_MODEL:
            for argument in node.args[:2]:
                if isinstance(argument, ast.Name) and argument.id in self.nouns:
                    self._note(node, argument.id, function.id)
            return
        if not isinstance(function, ast.Attribute):
            return
        told = self.type_of(function.value, names)
        if told is None or told.model not in self.nouns:
            return
        if function.attr in (OF_MANY if told.many else OF_ONE):
            self._note(node, told.model, function.attr)

    def _note(self, node: ast.Call, model: str, method: str) -> None:
        write = Write(self.module.path, node.lineno, model, method)
        if write not in self.found:
            self.found.append(write)


def writes(modules: Iterable[Module], nouns: Iterable[type[models.Model]]) -> list[Write]:
    """Every call in these modules that writes records of these models, as far as it can be told."""
    names, relations = frozenset(model.__name__ for model in nouns), _relations()
    return [write for module in modules for write in _Reader(module, names, relations).read()]
