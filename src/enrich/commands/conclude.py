"""`enrich conclude`: finish a run with the receipts of workers."""

from __future__ import annotations

from argparse import Namespace

from enrich.commands import run


def execute(arguments: Namespace) -> int:
    """Do what `enrich run` does, with the receipts of `enrich look` instead of fetching their pages."""
    return run.execute(arguments)
