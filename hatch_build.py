"""What the package has that its sources have not: a manual page, and a README whose links lead into the repository.

Hooks of hatchling: https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class ManualPage(BuildHookInterface):
    """Writes enrich.1 from the parser; `enrich.cli` needs no package but its own."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page and have the wheel carry it; an editable install has none."""
        if version == "editable":
            return
        root = Path(self.root)
        written = root / "build" / "enrich.1"
        written.parent.mkdir(exist_ok=True)
        written.write_text(_script(root, "man_page").page(), encoding="utf-8")
        build_data["shared_data"][str(written)] = "share/man/man1/enrich.1"


class Readme(MetadataHookInterface):
    """Gives the package its description."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme, which pyproject.toml calls dynamic."""
        root = Path(self.root)
        text = (root / "README.md").read_text(encoding="utf-8")
        absolute = _script(root, "package_readme").with_absolute_links(text, metadata["urls"]["Source"])
        metadata["readme"] = {"content-type": "text/markdown", "text": absolute}


def _script(root: Path, name: str) -> ModuleType:
    sys.path[:0] = [str(root / "src"), str(root / "scripts")]
    return import_module(name)
