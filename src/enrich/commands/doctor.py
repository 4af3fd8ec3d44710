"""`enrich doctor`: show the configuration, which services answer, and whether they answer as expected."""

from __future__ import annotations

import asyncio
import platform
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from enrich import __version__, live
from enrich.commands import CLEAN, NOT_ALL_ASKED
from enrich.commands.checkup import (
    CheckupLine,
    Mark,
    folder_items,
    key_items,
    setting_items,
    storage_items,
    webhook_items,
)
from enrich.commands.issue import Desk
from enrich.commands.jobs import run_job
from enrich.commands.printing import print_lines
from enrich.commands.terminal import check_outputs, put, say
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Finding, Severity, Unreachable
from enrich.services import SERVICES, Service
from enrich.tracker import CANARIES, Night
from enrich.web import Terms, Web


def execute(arguments: Namespace) -> int:
    """Show the configuration and which services answer, or the results of the canaries; never the values of keys."""
    workspace = Workspace.of(arguments)
    if arguments.live:
        return _live(arguments, workspace)
    if arguments.save or arguments.output or arguments.format != "text" or arguments.open_issue:
        raise EnrichError("doctor: --save, --format, --output and --open-issue need --live")
    print_lines(f"enrich {__version__}, Python {platform.python_version()} on {platform.system()}")
    _print_part("Folder", folder_items(workspace))
    reached = run_job(_reach(workspace))
    _print_part("Services", _service_items(reached))
    _print_part("Keys", chain(key_items(workspace), webhook_items(workspace)))
    _print_part("Settings", setting_items(arguments, workspace))
    _print_part("Storage", storage_items(workspace))
    return CLEAN if all(words.startswith("reached") for words in reached.values()) else NOT_ALL_ASKED


def _print_part(title: str, items: Iterable[CheckupLine]) -> None:
    print_lines("", title, *map(str, items))


def _service_items(reached: Mapping[str, str]) -> Iterator[CheckupLine]:
    good = [name for name, words in reached.items() if words.startswith("reached")]
    for name, words in reached.items():
        yield CheckupLine(Mark.GOOD if name in good else Mark.BAD, f"{name}: {words}")
    if not good:
        yield CheckupLine(Mark.ADVICE, "none was reached: check the network, or HTTPS_PROXY where a proxy is needed")
    elif len(good) < len(reached):
        yield CheckupLine(Mark.ADVICE, "a run goes on without a service, and asks it again the next time")


def _live(arguments: Namespace, workspace: Workspace) -> int:
    """Run the canaries and return the exit code: 3 if one deviates, or without a network."""
    check_outputs([arguments.output], [])
    if arguments.save and arguments.save.exists() and not arguments.save.is_dir():
        raise EnrichError(f"--save {arguments.save}: not a folder; choose another name")
    desk = Desk.of(arguments, workspace)
    say(arguments, "asking live services and pages; this takes about a minute")
    witness = live.Witness()
    outcomes, requests, at, offline = run_job(_ask_canaries(workspace, witness))
    if offline:
        say(arguments, f"no canary was asked: {offline}")
        return NOT_ALL_ASKED
    if arguments.save:
        outcomes = _saved(arguments.save, outcomes)
    deviating = [each for each in outcomes if each.state is live.CanaryState.DEVIATES]
    if arguments.format == "json":
        put(arguments.output, live.as_json(outcomes, version=__version__, at=at, requests=requests))
    elif arguments.output:
        put(arguments.output, "".join(f"{line}\n" for line in live.as_text(outcomes)))
    else:
        print_lines(*live.as_text(outcomes))
    code = NOT_ALL_ASKED if deviating else CLEAN
    return desk.keep_night(arguments, _night(deviating, desk.run_url), code) if desk else code


def _night(deviating: Sequence[live.CanaryResult], run_url: str | None) -> Night:
    """Return the content of the issue: the canaries that deviate, each with the answer."""
    standing = tuple(
        Finding("live-deviation", Severity.ERROR, each.saw, entry=each.case, url=each.url, field=each.service)
        for each in deviating
    )
    return Night(
        "live services and pages",
        standing,
        lambda limit: live.issue_text(deviating, limit),
        run_url,
        subject=CANARIES,
    )


async def _ask_canaries(
    workspace: Workspace, witness: live.Witness
) -> tuple[list[live.CanaryResult], Mapping[str, int], str, str | None]:
    """Return the outcomes, the requests by host, the time, and why there is no network (None if there is one)."""
    async with workspace.web(witness=witness) as web:
        outcomes = await live.ask_all(web, workspace.loaded, workspace.keys, witness)
        at = f"{web.clock.now():%Y-%m-%dT%H:%M:%SZ}"
        return outcomes, dict(sorted(web.requests.items())), at, None if witness.replies else web.offline_because


def _saved(folder: Path, outcomes: Sequence[live.CanaryResult]) -> list[live.CanaryResult]:
    """Save the replies of all canaries, each batch once; return the outcomes with the names of the files."""
    files: dict[int, tuple[str, ...]] = {}
    try:
        for each in outcomes:
            if id(each.replies) not in files:
                files[id(each.replies)] = live.save(folder, each.service, each.case, each.replies)
        return [replace(each, files=files[id(each.replies)]) for each in outcomes]
    except OSError as error:
        raise EnrichError(f"--save {folder}: cannot be written: {error.strerror}; choose another folder") from None


async def _reach(workspace: Workspace) -> Mapping[str, str]:
    asked = {
        service.title: (service, workspace.loaded.base(service.name, service.base))
        for service in SERVICES
        if service.probe and (service.key in workspace.keys or not service.needs_key)
    }
    async with workspace.web() as web:
        words = await asyncio.gather(*(_ask(web, service, base) for service, base in asked.values()))
    return dict(zip(asked, words, strict=True))


async def _ask(web: Web, service: Service, base: str) -> str:
    where = "" if base == service.base else f" at {base}"
    try:
        reply = await web.fetch(f"{base}{service.probe}", Terms(tries=1, keyed=True))
    except Unreachable as error:
        return f"unreachable: {error.why}{where}"
    limits = [
        f"{name} {value}" for name, value in sorted(reply.headers.items()) if "limit" in name or "remaining" in name
    ]
    words = f"reached{where}" if reply.status == 200 else f"unexpected response (HTTP {reply.status}){where}"
    return f"{words} ({', '.join(limits)})" if limits else words
