"""`enrich schema`: the JSON Schema of the catalog or of the JSON report."""

from __future__ import annotations

import json
from argparse import Namespace

from enrich import catalog
from enrich.commands import CLEAN
from enrich.commands.printing import print_result
from enrich.report import as_json


def execute(arguments: Namespace) -> int:
    """Print the JSON Schema of the catalog, for editors, or of the JSON report."""
    print_result([json.dumps(as_json.schema() if arguments.report else catalog.schema(), indent=2), "\n"])
    return CLEAN
