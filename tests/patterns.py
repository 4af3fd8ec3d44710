"""Every regular expression of the package, and texts that keep a careless one busy."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from importlib.util import find_spec
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType
from typing import Any

import enrich

# The parser of `re` itself: its tree says what a pattern matches. It has no public name.
_PARSER = importlib.import_module("re._parser")

_METHODS = frozenset({"search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"})
Item = tuple[object, Any]
Tree = Iterable[Item]

_CALLS = _METHODS | {"compile"}
_ARGUMENT_OF_FLAGS = {"compile": 1, "search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "split": 3}
_CATEGORIES = {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_SPACE": "a"}
_CHARACTERS = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"})
_MANY = 8  # repetitions from which a repeat is worth an attack
_FEW = 24  # texts that are kept of a pattern's part


@dataclass
class Found:
    """A pattern, where it is, and how it is called; with no method known, every one counts."""

    pattern: re.Pattern[str] | re.Pattern[bytes]
    where: str
    methods: set[str] = field(default_factory=set)

    @property
    def searches(self) -> bool:
        """Whether a match may begin anywhere in the text."""
        return not self.methods or not self.methods <= {"match", "fullmatch"}


def patterns() -> list[Found]:
    """Every pattern that a module of the package holds or compiles where it is called."""
    found: dict[tuple[object, int], Found] = {}
    called: defaultdict[str, set[str]] = defaultdict(set)
    names = {info.name for info in pkgutil.walk_packages(enrich.__path__, "enrich.")}
    if find_spec("distributed") is None:  # an extra of its own
        names.remove("enrich.pipeline.parts.cluster")
    modules = [importlib.import_module(name) for name in sorted(names) if not name.endswith("__main__")]
    seen: set[int] = set()
    for module in modules:
        for name, value in vars(module).items():
            for pattern in _held(value, seen):
                where = f"{module.__name__}.{name}"
                found.setdefault((pattern.pattern, pattern.flags), Found(pattern, where)).methods.add(where)
        for pattern, method, line in _called(module, called):
            where = f"{module.__name__}:{line}"
            found.setdefault((pattern.pattern, pattern.flags), Found(pattern, where)).methods.add(method)
    for each in found.values():
        names = each.methods - _METHODS
        each.methods = (each.methods & _METHODS).union(*(called[name] for name in names))
    return list(found.values())


def _held(value: object, seen: set[int]) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """The patterns in a value: in containers, dataclasses, classes, closures, defaults, partials and bound methods."""
    if isinstance(value, re.Pattern):
        yield value
    if id(value) in seen or isinstance(value, re.Pattern | str | bytes | int | ModuleType | CodeType):
        return
    seen.add(id(value))
    inner: list[object] = []
    if isinstance(value, Mapping):
        inner += [*value.keys(), *value.values()]
    elif isinstance(value, tuple | list | set | frozenset):
        inner += value
    elif isinstance(value, functools.partial):
        inner += [value.func, *value.args, *value.keywords.values()]
    elif inspect.isclass(value) and value.__module__.startswith("enrich"):
        inner += vars(value).values()
    elif is_dataclass(value):
        inner += [getattr(value, each.name, None) for each in fields(value)]
    else:
        function = inspect.unwrap(value) if callable(value) and not inspect.isclass(value) else value
        if inspect.isfunction(function) and function.__module__.startswith("enrich"):
            inner += [cell.cell_contents for cell in function.__closure__ or ()]
            inner += [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        elif isinstance(bound := getattr(value, "__self__", None), re.Pattern):
            inner.append(bound)
    for each in inner:
        yield from _held(each, seen)


def _called(
    module: ModuleType, called: defaultdict[str, set[str]]
) -> Iterator[tuple[re.Pattern[str] | re.Pattern[bytes], str, int]]:
    """The patterns in calls such as `re.sub(r"...", text)`; `called` gets the methods that held patterns have."""
    for statement in ast.parse(inspect.getsource(module)).body:
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=method)) if method in _CALLS:
                    for pattern in _compiled(node, method, statement, module):
                        yield pattern, method, node.lineno
                case ast.Attribute(value=ast.Name(id=name), attr=method) if method in _METHODS:
                    called[f"{module.__name__}.{name}"].add(method)


def _compiled(
    call: ast.Call, method: str, statement: ast.stmt, module: ModuleType
) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    flags += call.args[_ARGUMENT_OF_FLAGS.get(method, 4) :][:1]
    try:
        given: list[Any] = [_value(node, module) for node in (call.args[0], *flags)]
    except NameError:  # a local variable: any text of the statement may be in it
        constants = [node.value for node in ast.walk(statement) if isinstance(node, ast.Constant)]
        texts = [value for value in constants if isinstance(value, str) and "\\" in value]
        assert texts, f"{module.__name__}:{call.lineno}: the pattern cannot be found"
        for text in texts:
            with suppress(re.error):
                yield re.compile(text)
        return
    yield re.compile(*given)


def _value(node: ast.expr, module: ModuleType) -> object:
    return FunctionType(compile(ast.Expression(node), module.__name__, "eval"), vars(module))()


def pumps(pattern: re.Pattern[str] | re.Pattern[bytes]) -> list[tuple[str, str]]:
    """Texts to attack a pattern with: what stands first, and what is repeated behind it."""
    tree = _PARSER.parse(pattern.pattern, pattern.flags)
    found: dict[tuple[str, str], None] = {}
    for before, bodies in _loops(tree):
        for body in bodies:
            found |= dict.fromkeys([(before, body), ("", body), ("", before + body)])
        found |= dict.fromkeys((before, one + other) for one, other in pairwise(bodies))
    letters = list(dict.fromkeys(_letters(tree)))[:40]
    whole = (*_texts(tree)[:4], *letters, *(one + other for one, other in pairwise(letters)))
    found |= dict.fromkeys(("", text) for text in whole)
    return [(before, text) for before, text in found if text]


def is_misread(pattern: re.Pattern[str] | re.Pattern[bytes]) -> bool:
    """Whether Python 3.11.0 to 3.11.4 may match a pattern wrongly: https://github.com/python/cpython/issues/106052.

    In these versions, what follows a possessive repeat begins where its last repetition failed, not where that began.
    A repetition of single characters leaves no trace, neither does one with an empty alternative last, and an atomic
    group is right: `(?:ab?c)*+` may become `(?:ab?c|)*+` or `(?>(?:ab?c)*)`. A group that captures may be in neither:
    https://github.com/python/cpython/issues/101955.
    """
    for item in _items(_PARSER.parse(pattern.pattern, pattern.flags)):
        if str(item[0]) not in ("POSSESSIVE_REPEAT", "ATOMIC_GROUP"):
            continue
        (body,) = _parts(item)
        if any(str(name) == "SUBPATTERN" and value[0] is not None for name, value in _items(body)):
            return True
        if str(item[0]) == "POSSESSIVE_REPEAT" and not (_is_of_characters(body) or _may_be_empty(body)):
            return True
    return False


def _items(tree: Tree) -> Iterator[Item]:
    for item in tree:
        yield item
        for part in _parts(item):
            yield from _items(part)


def _is_of_characters(tree: Tree) -> bool:
    return all(str(name) in _CHARACTERS for name, _ in tree)


def _may_be_empty(tree: Tree) -> bool:
    """Whether a tree is nothing but alternatives, of which the last is empty."""
    items = list(tree)
    return len(items) == 1 and str(items[0][0]) == "BRANCH" and not list(_parts(items[0])[-1])


def _parts(item: Item) -> list[Tree]:
    """The parts inside an item, each a tree."""
    name, value = str(item[0]), item[1]
    if name == "BRANCH":
        return list(value[1])
    if name == "ATOMIC_GROUP":
        return [value]
    return [value[-1]] if name.endswith("_REPEAT") or name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT") else []


def _members(item: Item) -> list[str]:
    """A few of the letters that an item matches; none where it is no item for one letter."""
    name, value = str(item[0]), item[1]
    if name == "LITERAL":
        return [chr(value)]
    if name == "NOT_LITERAL":
        return ["a" if value != ord("a") else "b"]
    if name == "ANY":
        return ["a", " "]
    if name != "IN":
        return []
    letters = list(dict.fromkeys(_first(str(kind), what) for kind, what in value if str(kind) != "NEGATE"))
    if str(value[0][0]) == "NEGATE":
        return [letter for letter in "a 0-/." if letter not in letters][:3]
    return letters[:4]


def _first(kind: str, value: object) -> str:
    if kind == "CATEGORY":
        return _CATEGORIES.get(str(value), "-")
    code = value[0] if isinstance(value, tuple) else value
    return chr(code) if isinstance(code, int) else "-"


def _texts(items: Tree) -> list[str]:
    """A few texts that the items match: one as short as it goes, others that differ from it in one part."""
    texts = [""]
    for item in items:
        name, value = str(item[0]), item[1]
        choices = _members(item)
        if not choices and not name.startswith("ASSERT"):
            choices = [text for part in _parts(item) for text in _texts(part)[: 2 if name == "BRANCH" else _FEW]]
        if name.endswith("_REPEAT"):
            choices = [*([] if value[0] else [""]), *(text * max(value[0], 1) for text in choices)]
        choices = choices or [""]
        others = (texts[0] + text for text in choices[1:])
        texts = list(dict.fromkeys([*(text + choices[0] for text in texts), *others]))[:_FEW]
    return texts


def _loops(items: Tree, before: str = "") -> Iterator[tuple[str, list[str]]]:
    """Each open repeat: a text that leads up to it, and a few that it repeats."""
    for item in items:
        if str(item[0]).endswith("_REPEAT") and item[1][1] >= _MANY:
            yield before, [text for text in _texts(item[1][-1]) if text]
        for part in _parts(item):
            yield from _loops(part, before)
        before += _texts([item])[0]


def _letters(items: Tree) -> Iterator[str]:
    """The alphabet of the items, in order."""
    for item in items:
        yield from _members(item)
        for part in _parts(item):
            yield from _letters(part)
