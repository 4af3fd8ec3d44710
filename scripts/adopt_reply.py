"""Turn a reply that `enrich doctor --live --save DIR` saved into a fixture for the tests.

    python scripts/adopt_reply.py replies/crossref-retracted-1.json crossref_retracted.json

The body goes to tests/replies/NAME, without keys, cookies, tokens, mail addresses and IP addresses. What names the
request and the status, which a test needs as well, is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from lxml import etree

from enrich.text.redaction import redacted

REPLIES = Path(__file__).resolve().parent.parent / "tests" / "replies"


def main() -> int:
    """Write the fixture; return 1 where the reply cannot be one."""
    parser = argparse.ArgumentParser(description="Turn a saved reply into a fixture.")
    parser.add_argument("saved", type=Path, help="a file of the folder that --save named")
    parser.add_argument("name", help="the fixture's name, such as crossref_retracted.json")
    parser.add_argument("--folder", type=Path, default=REPLIES, help="where fixtures are (default: tests/replies)")
    arguments = parser.parse_args()
    try:
        saved = json.loads(arguments.saved.read_text(encoding="utf-8"))
        body = redacted(saved["body"])
        check(arguments.name, body, truncated=saved["truncated"])
    except (OSError, ValueError, KeyError, TypeError, etree.XMLSyntaxError) as error:
        print(f"{arguments.saved}: not adopted: {error}", file=sys.stderr)
        return 1
    arguments.folder.mkdir(parents=True, exist_ok=True)
    (arguments.folder / arguments.name).write_text(body, encoding="utf-8", newline="\n")
    print(f"{arguments.folder / arguments.name}: HTTP {saved['status']} from {redacted(saved['url'])}, {saved['at']}")
    return 0


def check(name: str, body: str, *, truncated: bool) -> None:
    """See to it that the fixture can be read by the test that it is for.

    Raises:
        ValueError: It cannot.
    """
    if Path(name).name != name:
        raise ValueError(f"{name} must be a file name without folders")
    if name.endswith((".json", ".xml")) and truncated:
        raise ValueError("the saved body was cut; only the beginning of a page can be used so")
    if name.endswith(".json"):
        json.loads(body)
    if name.endswith(".xml"):
        etree.fromstring(body.encode())


if __name__ == "__main__":
    raise SystemExit(main())
