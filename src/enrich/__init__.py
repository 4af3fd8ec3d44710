"""Metadata enrichment and link checking for curated lists of papers.

A catalog is a YAML file that lists papers, code and other links. `run` looks up its papers at arXiv, Semantic Scholar,
Crossref and other services, checks its links, and writes what it found into the catalog; `check` checks links alone;
`resolve` finds one paper. Each has a twin for code without an event loop: `run_sync`, `check_sync`, `resolve_sync`.

    from enrich import Settings, load, run_sync

    report = run_sync("catalog.yaml", settings=Settings(contact="you@example.org"))
    for finding in report.findings:
        print(finding.severity, finding.message)
    for entry in load("catalog.yaml").entries:
        print(entry.key, entry.known("doi"))

docs/library.md has more examples. What is not named in `__all__` may change between versions.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enrich.api import (
        EnrichError,
        Entry,
        Finding,
        Options,
        Report,
        Settings,
        check,
        check_sync,
        load,
        resolve,
        resolve_sync,
        run,
        run_sync,
    )

    __version__: str

__all__ = [
    "EnrichError",
    "Entry",
    "Finding",
    "Options",
    "Report",
    "Settings",
    "check",
    "check_sync",
    "load",
    "resolve",
    "resolve_sync",
    "run",
    "run_sync",
]


def __getattr__(name: str) -> object:
    """Import the public names when they are first used: the command's `--help` needs none of them."""
    if name in __all__:
        api = import_module("enrich.api")
        globals().update({each: getattr(api, each) for each in __all__})
        return globals()[name]
    if name == "__version__":
        return _version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version() -> str:
    """Return the version of the installed distribution; a source tree that is not installed has none."""
    # The import takes 14 ms, which `--help` can do without.
    metadata = import_module("importlib.metadata")
    try:
        return str(metadata.version("enrich-catalog"))
    except metadata.PackageNotFoundError:
        return "0+unknown"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
