"""Link checkers over loopback: the same addresses, a server in a process of its own, in alternation.

    python -m benchmarks.speed.links S1 [S2 S3 S4] [--tools enrich,lychee,linkchecker] [--runs 3] [--port 18080]

S1: 10,000 addresses on 200 hosts, no latency. S2: 2,000 on 200 hosts by Zipf's law, 50-800 ms, 5 % are 404, 3 % moved,
2 % answer 503 first, 1 % never answer. S3: 500 on one host that answers 429 with `Retry-After: 1` above 10 a second.
S4: 100,000 on 2,000 hosts, no latency. S1tls: S1 over HTTPS, with a certificate authority that the tools are told of.
`warm` behind a name (S1warm) runs on the cache of a run before. A tool takes part when it is on PATH. Figures are
medians; false alarms are good links called broken, missed are dead links that are neither called broken nor doubted.
"""

from __future__ import annotations

import argparse
import json
import shutil
import ssl
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, build_opener
from zlib import crc32

import trustme

from benchmarks.links.__main__ import ALIVE, DEAD, READERS
from benchmarks.speed.measure import took
from benchmarks.speed.origin import serving

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setup:
    """A list of addresses by what they are (ok, gone, moved, busy, hang), and the rate that a host allows."""

    kinds: Mapping[str, str]
    port: int
    rate: float = 0.0
    scheme: str = "http"


def _host(number: int, port: int) -> str:
    return f"127.{1 + number // 250}.1.{1 + number % 250}:{port}"


def flat(port: int, addresses: int, hosts: int, rate: float = 0.0, scheme: str = "http") -> Setup:
    """Good addresses, as many on each host."""
    urls = (f"{scheme}://{_host(at % hosts, port)}/ok/{at}" for at in range(addresses))
    return Setup(dict.fromkeys(urls, "ok"), port, rate, scheme)


def faulty(port: int) -> Setup:
    """S2: latencies and faults, most of the addresses on few hosts."""
    total = sum(1 / (1 + at) for at in range(200))
    hosts = [host for host in range(200) for _ in range(round(2000 / total / (1 + host)))]
    hosts = _mixed((hosts + list(range(200)))[:2000], "hosts")
    kinds = _mixed(["gone"] * 100 + ["moved"] * 60 + ["busy"] * 40 + ["hang"] * 20 + ["ok"] * 1780, "kinds")
    rows = enumerate(zip(hosts, kinds, strict=True))
    waits = [50 + crc32(b"%d" % at) % 751 for at in range(2000)]
    return Setup({f"http://{_host(host, port)}/{kind}/{at}?ms={waits[at]}": kind for at, (host, kind) in rows}, port)


def _mixed(things: Sequence[T], name: str) -> list[T]:
    """The things in an order that looks like chance and is the same each time."""
    order = sorted(range(len(things)), key=lambda at: crc32(f"{name} {at}".encode()))
    return [things[at] for at in order]


SETUPS: Mapping[str, Callable[[int], Setup]] = {
    "S1": lambda port: flat(port, 10_000, 200),
    "S1tls": lambda port: flat(port, 10_000, 200, scheme="https"),
    "S2": faulty,
    "S3": lambda port: flat(port, 500, 1, rate=10),
    "S4": lambda port: flat(port, 100_000, 2_000),
}


@dataclass(frozen=True, slots=True)
class Tool:
    """How a link checker is called, and what its report is read by (`benchmarks/links`)."""

    command: tuple[str, ...]
    reader: str


def _enrich(config: str) -> Tool:
    report = ("--format", "json", "-o", "{out}", "--cache-dir", "{dir}")
    return Tool(("enrich", "check", "{md}", "--config", config, *report), "enrich")


TOOLS: Mapping[str, Tool] = {
    "enrich": _enrich("{config}"),
    "enrich-6": _enrich("{config_6}"),
    "lychee": Tool(("lychee", "--format", "json", "-o", "{out}", "--no-progress", "-vv", "{md}"), "lychee"),
    "lychee-best": Tool(
        (
            *("lychee", "--format", "json", "-o", "{out}", "--no-progress", "-vv", "--host-request-interval", "1ms"),
            *("--host-concurrency", "6", "--timeout", "10", "--max-retries", "3", "{md}"),
        ),
        "lychee",
    ),
    "linkchecker": Tool(
        (
            *("linkchecker", "--config", "{linkcheckerrc}", "--check-extern", "--verbose", "--no-status"),
            *("-F", "csv/utf-8/{out}", "{html}"),
        ),
        "linkchecker",
    ),
    "linkinator": Tool(("linkinator", "{html}", "--format", "json"), "linkinator"),
    "markdown-link-check": Tool(("markdown-link-check", "--verbose", "{md}"), "markdown-link-check"),
}


def once(tool: Tool, setup: Setup, folder: Path, seconds: float) -> dict[str, float]:
    """One run of a tool against a fresh server: the figures of it."""
    where = {name: str(folder / file) for name, file in _FILES.items()}
    pem, trust = ((where["pem"],), _TRUST) if setup.scheme == "https" else ((), ())
    Path(where["out"]).write_text("")
    Path(where["out"]).chmod(0o666)
    with serving(setup.port, setup.rate, *pem):
        figures = took([part.format(**where) for part in (*trust, *tool.command)], seconds, folder)
        heard = _stop(setup, where["ca"])
    try:
        said = READERS[tool.reader](Path(where["out"]).read_text() or (folder / "took.json.out").read_text())
    except (ValueError, KeyError, IndexError):
        said = {}
    return {
        **figures,
        "requests": heard["requests"] / len(setup.kinds),
        "at_once": heard["most_at_once"],
        "connections": heard["connections"],
        **_against_truth(said, setup),
    }


def _stop(setup: Setup, ca: str) -> dict[str, int]:
    """Ends the server; what it counted."""
    context = ssl.create_default_context(cafile=ca) if setup.scheme == "https" else None
    direct = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
    with direct.open(f"{setup.scheme}://127.0.0.1:{setup.port}/stop") as reply:
        heard: dict[str, int] = json.load(reply)
        return heard


_FILES = {
    "md": "links.md",
    "html": "links.html",
    "config": "settings.toml",
    "config_6": "settings-6.toml",
    "linkcheckerrc": "linkcheckerrc",
    "out": "report",
    "dir": "cache",
    "ca": "ca.pem",
    "pem": "server.pem",
}
_TRUST = ("env", "SSL_CERT_FILE={ca}", "NODE_EXTRA_CA_CERTS={ca}")


def _against_truth(said: Mapping[str, Mapping[str, str | None]], setup: Setup) -> dict[str, float]:
    said = {url.rstrip("/"): row for url, row in said.items()}
    counts = {"alarms": 0, "missed": 0, "untold": 0}
    for url, kind in setup.kinds.items():
        row = said.get(url)
        if row is None:
            counts["untold"] += 1
        elif kind in ("ok", "moved", "busy"):
            counts["alarms"] += row["says"] == DEAD
        else:
            counts["missed"] += row["says"] == ALIVE
    return dict(counts)


def prepare(setup: Setup, folder: Path) -> None:
    """The list as Markdown and as HTML, and the settings that let enrich reach loopback addresses, and certificates."""
    urls = list(setup.kinds)
    (folder / "links.md").write_text("# Links\n\n" + "".join(f"- [Part {at}]({u})\n" for at, u in enumerate(urls)))
    anchors = "".join(f'<a href="{escape(u)}">x</a>\n' for u in urls)
    (folder / "links.html").write_text(f"<html><body>{anchors}</body></html>")
    settings = 'allow_private = ["127.0.0.0/8"]\n'
    (folder / "settings.toml").write_text(settings)
    (folder / "settings-6.toml").write_text(settings + '\n[pace."*"]\nconcurrency = 6\n')
    (folder / "linkcheckerrc").write_text("[checking]\n")
    if setup.scheme == "https":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        # LinkChecker 10 heeds no SSL_CERT_FILE: https://manpages.ubuntu.com/manpages/plucky/man5/linkcheckerrc.5.html
        (folder / "linkcheckerrc").write_text(f"[checking]\nsslverify={folder / 'ca.pem'}\n")
        hosts = sorted({urlsplit(url).hostname or "" for url in urls})
        authority.issue_cert("127.0.0.1", *hosts).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")


_COLUMNS = ("wall", "cpu", "mb", "requests", "at_once", "alarms", "missed", "untold")


def main() -> None:
    """Runs what is asked for and prints one table per setup."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("setups", nargs="+", metavar="SETUP")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--port", type=int, default=18080, help="which the server listens at")
    parser.add_argument("--seconds", type=float, default=300, help="after which a tool is ended")
    arguments = parser.parse_args()
    tools = {n: TOOLS[n] for n in arguments.tools.split(",") if shutil.which(TOOLS[n].command[0])}
    for name in arguments.setups:
        setup = SETUPS[name.removesuffix("warm")](arguments.port)
        print(f"\n{name}: {len(setup.kinds)} addresses, {arguments.runs} runs each, in turn\n")
        print("| tool | wall s | CPU s | peak MB | requests a link | at once at a host | alarms | missed | untold |")
        print("| --- |" + " ---: |" * 8, flush=True)
        runs: dict[str, list[dict[str, float]]] = {tool: [] for tool in tools}
        with tempfile.TemporaryDirectory() as path:
            folder = Path(path)
            folder.chmod(0o755)
            prepare(setup, folder)
            for _ in range(arguments.runs + name.endswith("warm")):
                for tool, how in tools.items():
                    if not name.endswith("warm"):
                        shutil.rmtree(folder / "cache", ignore_errors=True)
                    runs[tool].append(once(how, setup, folder, arguments.seconds))
        for tool, figures in runs.items():
            warm = figures[name.endswith("warm") :]
            row = [statistics.median(run[column] for run in warm) for column in _COLUMNS]
            print(
                f"| {tool} | {row[0]:.2f} | {row[1]:.2f} | {row[2]:.0f} | {row[3]:.3f} | "
                + " | ".join(f"{cell:.0f}" for cell in row[4:])
                + " |",
                flush=True,
            )


if __name__ == "__main__":
    main()
