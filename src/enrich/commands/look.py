"""`enrich look`: fetch the pages of one part, and write the receipt for `enrich conclude`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from enrich.commands import CLEAN, INTERRUPTED, NOT_ALL_ASKED, cache_folders
from enrich.commands.crews import FOLDER
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.state import check_inside
from enrich.commands.terminal import check_outputs, put, say
from enrich.commands.workspace import Workspace, relax_gc
from enrich.model import EnrichError
from enrich.pipeline.parts.forms import Order, is_settled, read_part, read_receipt, write_order
from enrich.pipeline.parts.receipts import bytes_of
from enrich.pipeline.parts.worker import look_at_part


def execute(arguments: Namespace) -> int:
    """Fetch the pages of a part; uses no keys, and continues where a killed run stopped."""
    path: Path = arguments.part
    check_outputs([arguments.output], [path])
    if arguments.output and arguments.output.is_dir():
        raise EnrichError(f"{arguments.output}: a folder; pass a file in it")
    workspace = Workspace.of(arguments)
    text = bytes_of(path).decode("utf-8", "replace")
    part = read_part(text, str(path))
    cache_folders.make(workspace.cache)
    folder = workspace.cache / FOLDER
    check_inside(folder, workspace.cache)
    order = Order(workspace.loaded, arguments.deadline, str(folder))
    relax_gc()
    with INTERRUPTS.noted():
        receipt_text = look_at_part(text, write_order(order), lambda: INTERRUPTS.came)
        put(arguments.output, receipt_text + "\n")
    receipt = read_receipt(receipt_text)
    seen = sum(is_settled(row.seen) for row in receipt.rows)
    say(arguments, f"{path}: {seen} of {len(part.links)} links seen")
    if why := receipt.offline or receipt.stopped:
        say(arguments, f"{path}: {why}")
    if INTERRUPTS.came:
        return INTERRUPTED
    return NOT_ALL_ASKED if receipt.offline or receipt.stopped else CLEAN
