"""`enrich conclude`: a run on what workers have seen of its pages."""

from __future__ import annotations

from argparse import Namespace

from enrich.commands import run


def execute(arguments: Namespace) -> int:
    """Run as `enrich run` does, with the receipts of `enrich look` in the place of the pages that these hold."""
    return run.execute(arguments)
