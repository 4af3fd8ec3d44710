"""`enrich mcp`: an MCP server on standard input and output, for assistants (https://modelcontextprotocol.io)."""

from __future__ import annotations

from argparse import Namespace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from enrich.commands import CLEAN
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError


def execute(arguments: Namespace) -> int:
    """Serve until standard input ends.

    Raises:
        EnrichError: The extra is not installed, or the settings are wrong.
    """
    if find_spec("mcp") is None:
        raise EnrichError("enrich mcp needs the MCP SDK: run `pip install 'enrich-catalog[mcp]'`")
    workspace = Workspace.of(arguments)
    import_module("enrich.commands.mcp_tools").server_for(workspace, Path.cwd()).run("stdio")
    return CLEAN
