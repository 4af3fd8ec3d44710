"""Messages, reports and the manual are in plain technical English: no phrase of `banned_phrases.txt`.

`python tests/test_language.py` prints where one is, and how many there are.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "access",
    "api",
    "catalog",
    "cli",
    "commands",
    "export",
    "files",
    "history",
    "judge",
    "limits",
    "links",
    "lists",
    "live",
    "matching",
    "pipeline",
    "rate_limits",
    "report",
    "results",
    "services",
    "settings",
    "snapshots",
    "sources",
    "tracker",
    "web",
)
SOURCES = (*(f"{room}.py" for room in ROOMS), *(f"{room}/**/*.py" for room in ROOMS))
PAGES = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "action.yml", "docs/*.md", "src/enrich/report/templates/*.html")


def banned() -> dict[str, str]:
    """The patterns of the file, with what to write instead."""
    lines = Path(__file__).with_name("banned_phrases.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" => ") for line in lines if line and not line.startswith("#"))


BANNED = banned()
PATTERN = re.compile(rf"(?<![\w-])(?:{'|'.join(BANNED)})(?![\w-])", re.IGNORECASE)


def literals(text: str) -> Iterator[tuple[int, str]]:
    """The strings of a module that are prose: not its docstrings, nothing without a space."""
    tree = ast.parse(text)
    documentation = {
        id(child.value)
        for node in ast.walk(tree)
        for child in ast.iter_child_nodes(node)
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in documentation:
            continue
        if isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a page without its code blocks, code spans, addresses and template expressions."""
    code = re.compile(r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)|\{[{%#].*?[}%#]\}", re.MULTILINE | re.DOTALL)
    yield from enumerate(code.sub(lambda match: "\n" * match[0].count("\n"), text).splitlines(), 1)


def found(root: Path) -> list[str]:
    """Every banned phrase as `file:line: phrase`."""
    texts = [(path, literals) for pattern in SOURCES for path in sorted((root / "src" / "enrich").glob(pattern))]
    texts += [(path, prose) for pattern in PAGES for path in sorted(root.glob(pattern))]
    return [
        f"{path.relative_to(root)}:{line}: {match[0]}"
        for path, read in texts
        for line, text in read(path.read_text(encoding="utf-8"))
        for match in PATTERN.finditer(text)
    ]


def test_no_message_and_no_page_uses_a_banned_phrase() -> None:
    assert found(ROOT) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('raise Error(f"{path}: lacking a title")', 1),
        ('"""Nobody is told."""', 0),
        ('x = "lacking"', 0),
        ("say('retold, outstanding and amended')", 0),
    ],
)
def test_only_prose_counts_and_whole_words(text: str, count: int) -> None:
    assert sum(bool(PATTERN.search(literal)) for _, literal in literals(text)) == count


if __name__ == "__main__":
    places = found(ROOT)
    sys.stdout.write("\n".join((*places, f"{len(places)} banned phrases", "")))
