"""What a release needs besides its tag: `check TAG FILE...` for the files to publish, `notes TAG` for its text.

`.github/workflows/release.yml` calls it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_TAG = re.compile(r"v(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)")


class ReleaseError(Exception):
    """What keeps a release from being made."""


def version_of(tag: str) -> str:
    """Return the version that a tag names: `v1.2.3` or `v1.2.3rc1`.

    Raises:
        ReleaseError: The tag is of another form.
    """
    match = _TAG.fullmatch(tag)
    if match is None:
        raise ReleaseError(f"{tag}: not a release tag; name it v1.2.3 or v1.2.3rc1")
    return match[1]


def notes(tag: str, changelog: str) -> str:
    """Return the section of a version in the changelog.

    Raises:
        ReleaseError: There is none, or it is empty.
    """
    version = re.escape(version_of(tag))
    match = re.search(rf"^## \[{version}\].*\n((?:(?!## \[).*\n?)*)", changelog, re.MULTILINE)
    if match is None or not match[1].strip():
        raise ReleaseError(f"CHANGELOG.md has no section [{version_of(tag)}]; rename [Unreleased]")
    return f"{match[1].strip()}\n"


def check(tag: str, files: list[str], changelog: str, project: str) -> None:
    """See to it that what is published is what the tag says.

    Raises:
        ReleaseError: A file is of another version, the changelog has no section, or the URLs name no owner.
    """
    version = version_of(tag)
    notes(tag, changelog)
    if "github.com/OWNER/" in project:
        raise ReleaseError("pyproject.toml: [project.urls] has OWNER; write the owner of the repository")
    expected = {f"enrich_catalog-{version}.tar.gz", f"enrich_catalog-{version}-py3-none-any.whl"}
    if (found := {Path(file).name for file in files}) != expected:
        raise ReleaseError(f"expected {', '.join(sorted(expected))}, not {', '.join(sorted(found)) or 'nothing'}")


def main(words: list[str]) -> int:
    """Run one of the two and return 1 if the release cannot be made."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        match words:
            case ["check", tag, *files]:
                check(tag, files, changelog, (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
            case ["notes", tag]:
                print(notes(tag, changelog), end="")
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
