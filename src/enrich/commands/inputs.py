"""Find the catalogs and files that a command is given: arguments, with patterns expanded."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import import_module
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from enrich.model import EnrichError
from enrich.text.file_names import portable_name

if TYPE_CHECKING:
    from enrich.catalog import Catalog

DEFAULT_CATALOG = "catalog.yaml"


def catalog_paths(given: Iterable[str | Path]) -> list[Path]:
    """Return the catalogs that the arguments name, each file once; without arguments `catalog.yaml`.

    Raises:
        EnrichError: A pattern matches no file.
    """
    paths = [Path(name) for name in expanded([str(name) for name in given] or [DEFAULT_CATALOG])]
    return list({os.path.realpath(path): path for path in reversed(paths)}.values())[::-1]


class NoMatchError(EnrichError):
    """A pattern matches no file."""


def expanded(names: Iterable[str]) -> list[str]:
    """Return names with each pattern (`*`, `?`, `[...]`, `**`) replaced by the files that match it, sorted.

    An existing file whose name has such a character is not a pattern.

    Raises:
        NoMatchError: A pattern matches no file.
        EnrichError: A pattern is not valid.
    """
    return list(chain.from_iterable(_matches(name) if _is_pattern(name) else [name] for name in names))


def _is_pattern(name: str) -> bool:
    is_web = name.lower().startswith(("http://", "https://"))
    return glob.has_magic(name) and not is_web and not Path(name).exists()


def _matches(pattern: str) -> list[str]:
    path = Path(pattern)
    try:
        found = list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    except ValueError as error:
        raise EnrichError(f"{pattern}: {error}; correct the pattern") from None
    # As in a shell, hidden files must be requested explicitly.
    shown = [match for match in found if match.is_file() and (path.name[:1] == "." or match.name[0] != ".")]
    if not shown:
        raise NoMatchError(f"{pattern}: no file matches this pattern; check the path")
    return sorted(map(str, shown))


def load_all(paths: Iterable[Path]) -> list[Catalog]:
    """Load catalogs.

    Raises:
        EnrichError: One or more cannot be read; the message names all of them.
    """
    catalogs = import_module("enrich.catalog")  # imported late: not all commands read catalogs
    loaded, errors = [], []
    for path in paths:
        try:
            loaded.append(catalogs.load(path))
        except EnrichError as error:
            errors.append(str(error))
    if errors:
        raise EnrichError("\n".join(errors))
    return loaded


def names_of(paths: Sequence[Path]) -> list[str]:
    """Return the values of `{name}`, one per catalog: its stem, or its path with `-` where stems are equal.

    Each can be the name of a file or a folder.
    """
    stems = Counter(path.stem for path in paths)
    return _unique([portable_name(path.stem if stems[path.stem] == 1 else _path_name(path)) for path in paths])


def _path_name(path: Path) -> str:
    relative = Path(os.path.relpath(path)) if path.is_absolute() or ".." in path.parts else path
    parts = [part for part in relative.with_suffix("").parts if part not in ("..", relative.anchor)]
    return "-".join(parts)


def _unique(names: Sequence[str]) -> list[str]:
    """Return the names, with numbers added to repeated ones: file systems may ignore case."""
    given: list[str] = []
    for name in names:
        taken = {other.casefold() for other in given}
        numbered = (f"{name}-{number}" for number in count(2))
        given.append(next(free for free in chain([name], numbered) if free.casefold() not in taken))
    return given
