"""Parts of a list that are written from the catalog: a built-in template is a function, others are files; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from enrich.export.sections.builtin import badges, bullets, stats, table
from enrich.export.sections.own import TemplateError, from_template
from enrich.export.sections.selection import OptionError, Selection
from enrich.model import Entry

__all__ = ["BLOCKS", "TEMPLATES", "OptionError", "TemplateError", "built_in_section", "from_template"]

TEMPLATES: Mapping[str, Callable[[Selection], str]] = {
    "table": table,
    "bullets": bullets,
    "badges": badges,
    "stats": stats,
}
"""The built-in templates by name."""

BLOCKS = ("table", "bullets")
"""Templates that must be on lines of their own."""


def built_in_section(name: str, options: Mapping[str, str], entries: Sequence[Entry]) -> str:
    """Return the output of a built-in template for a catalog.

    Raises:
        OptionError: An option is unknown, or has no such value.
    """
    return TEMPLATES[name](Selection.of(options, entries))
