"""Puts the manual page into the wheel.

A build hook of hatchling: https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPage(BuildHookInterface):
    """Writes enrich.1 from the parser; `enrich.cli` needs no package but its own."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page and have the wheel carry it; an editable install has none."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path[:0] = [str(root / "src"), str(root / "scripts")]
        written = root / "build" / "enrich.1"
        written.parent.mkdir(exist_ok=True)
        written.write_text(import_module("man_page").page(), encoding="utf-8")
        build_data["shared_data"][str(written)] = "share/man/man1/enrich.1"
