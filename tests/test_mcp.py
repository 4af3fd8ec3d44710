"""`enrich mcp`: the tools over the protocol, with a client in this process and with one on standard input."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from enrich.commands.workspace import Workspace
from tests.loopback import Bench, Upstream

CATALOG = """\
version: 1
entries:
  - key: gone
    title: A Repository That Is Gone
    type: repository
    links: [{label: Code, kind: code, url: https://github.com/enrich-specimens/deleted-repository}]
"""


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return upstream.bench(tmp_path / "here", CATALOG)


def called(bench: Bench, tool: str, **arguments: object) -> tuple[bool, Any]:
    """What a tool answers: whether it is an error, and its content."""
    mcp = pytest.importorskip("mcp")
    tools = pytest.importorskip("enrich.commands.mcp_tools")

    async def call() -> tuple[bool, Any]:
        workspace = Workspace.of(Namespace(config=Path("enrich.toml"), cache_dir=Path("cache")))
        async with mcp.Client(tools.server_for(workspace, bench.folder)) as client:
            answer = await client.call_tool(tool, arguments)
            return answer.is_error, answer.structured_content or answer.content[0].text

    with chdir(bench.folder), patch.dict("os.environ", bench.environment, clear=True):
        return asyncio.run(call())


def files(bench: Bench) -> Mapping[Path, bytes]:
    """What the user has there: all but the cache."""
    paths = [path for path in bench.folder.rglob("*") if path.is_file() and "cache" not in path.parts]
    return {path: path.read_bytes() for path in paths}


def test_a_paper_is_looked_up_with_its_sources(bench: Bench) -> None:
    before = files(bench)
    failed, answer = called(bench, "resolve_paper", query="arXiv:2303.06865")
    assert not failed
    assert answer["status"] == "found"
    assert answer["record"]["title"].startswith("FlexGen")
    assert answer["record"]["sources"]["title"] == "arxiv"
    assert answer["bibtex"].startswith("@inproceedings{sheng2023flexgen,")
    assert files(bench) == before


def test_a_paper_that_is_not_there_has_no_record(bench: Bench) -> None:
    _, answer = called(bench, "resolve_paper", query="arXiv:2613.99999")
    assert answer["status"] == "missing"
    assert "record" not in answer


def test_links_are_checked_with_the_same_guard(bench: Bench, upstream: Upstream) -> None:
    markdown = "See [it](https://arxiv.org/abs/2303.06865), `https://code.example` and [us](../CONTRIBUTING.md)."
    _, answer = called(bench, "check_links", urls=["http://10.0.0.1/admin"], markdown=markdown)
    verdicts = {link["url"]: link["verdict"] for link in answer["links"]}
    assert verdicts == {"http://10.0.0.1/admin": "unsafe", "https://arxiv.org/abs/2303.06865": "ok"}
    assert [finding["rule"] for finding in answer["findings"]] == ["unsafe-link"]
    assert answer["skipped"] == ["../CONTRIBUTING.md"]
    assert not any("10.0.0.1" in asked for asked in upstream.asked)


def test_the_last_report_is_read_and_only_there(bench: Bench) -> None:
    failed, words = called(bench, "last_report")
    assert (failed, "no report yet" in words) == (True, True)
    bench.call("run")
    failed, answer = called(bench, "last_report")
    assert not failed
    assert [finding["rule"] for finding in answer["findings"]] == ["broken-link"]
    assert called(bench, "last_report", rule="moved-link")[1]["findings"] == []
    assert called(bench, "last_report", state="fixed")[1]["findings"] == []
    for name in ("../theirs.yaml", "/etc/passwd"):
        failed, words = called(bench, "last_report", catalog=name)
        assert (failed, words.partition(": ")[2]) == (
            True,
            f"{name}: outside the folder that the server was started in",
        )


@pytest.mark.parametrize(
    "arguments", [{"urls": ["http://a.example"] * 201}, {"markdown": "<http://a.example> " * 100_000}]
)
def test_a_call_has_limits(arguments: dict[str, object], bench: Bench) -> None:
    failed, _ = called(bench, "check_links", **arguments)
    assert failed


def test_the_command_speaks_the_protocol_on_standard_input(bench: Bench) -> None:
    mcp = pytest.importorskip("mcp")

    async def talk() -> set[str]:
        command = ["-m", "enrich", "--config", "enrich.toml", "mcp"]
        server = mcp.StdioServerParameters(
            command=sys.executable, args=command, env=bench.environment, cwd=str(bench.folder)
        )
        async with mcp.Client(mcp.stdio_client(server)) as client:
            listed = (await client.list_tools()).tools
            assert all(tool.annotations.read_only_hint for tool in listed)
            return {tool.name for tool in listed}

    assert asyncio.run(talk()) == {"resolve_paper", "check_links", "last_report"}


def test_without_the_extra_it_says_what_to_install(bench: Bench) -> None:
    with patch.dict(sys.modules, {"mcp": None}):
        done = bench.call("mcp")
    assert (done.code, done.out) == (2, "")
    assert "pip install 'enrich-catalog[mcp]'" in done.err
