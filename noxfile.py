"""Single steps of the check, each in an environment of its own: `nox -l` lists them, `nox -s tests` runs one.

`python scripts/check.py` runs what a pull request needs, without nox.
"""

from __future__ import annotations

import nox

nox.options.sessions = ["lint", "types", "tests"]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


@nox.session
def lint(session: nox.Session) -> None:
    """Run formatter, linter and import contracts."""
    session.install("-e", ".[dev]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Run mypy."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; arguments behind `--` go to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", *(session.posargs or ["-n", "2"]))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into site/."""
    session.install("-e", ".[docs]")
    session.run("mkdocs", "build", "--strict")


@nox.session
def package(session: nox.Session) -> None:
    """Build wheel and sdist, and try them in empty environments."""
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(session.cache_dir / "dist"))
    files = sorted((session.cache_dir / "dist").glob("enrich_catalog-*"))
    session.run("python", "scripts/try_package.py", *map(str, files))
