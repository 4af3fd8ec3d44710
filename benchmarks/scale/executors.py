"""Whole runs over many lists by every executor, workers killed in the middle: the same results?

    python -m benchmarks.scale.executors [LIST.md ...] [--only NAME,...] [--keep FOLDER]

The lists, or 26 made-up ones, are imported, and `enrich run` runs over all catalogs at once: in one process, with
`--workers 2`, with `--cluster local:2`, and on a scheduler with two `dask worker --nthreads 1`. Where the name ends in
`-killed`, a worker is lost by SIGKILL once half of the requests for pages are sent and a part has ended. The network is
the made-up internet of `benchmarks.scale.internet`. The digest is that of all reports and catalogs, without times and
counts of requests. With --keep, each run's reports and caches stay in a folder of its name, with the counts of the
URLs that were requested (`asked.json`).

Needs the extras `cluster` and `test`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from enrich import catalog, identifiers
from enrich.model import Scheme
from enrich.pipeline.parts.journal import SUFFIX
from enrich.pipeline.parts.receipts import read_file
from enrich.services import SERVICES
from enrich.text.urls import host_of

_ROOT = Path(__file__).resolve().parents[2]
_SERVICES = {host for each in SERVICES for host in (host_of(each.base), *each.other_hosts)}
_UNCOUNTED = ("at", "started", "finished", "slowest_hosts", "requests")
_SETTINGS = 'tries = 2\ntimeout = 120\ncontact = "list@example.org"\n' + "".join(
    f'[pace."{host}"]\ninterval = 0.0\nconcurrency = 16\n' for host in sorted(_SERVICES)
)


@dataclass
class Internet:
    """The made-up internet, and what it was asked."""

    proxy: str
    environment: Mapping[str, str]

    def asked(self) -> tuple[Counter[str], Counter[str]]:
        """Return how often the URLs of pages were asked, and how much at once at each host of pages."""
        opener = build_opener(ProxyHandler({"http": self.proxy}))
        with opener.open("http://counts.example/") as reply:
            said = json.load(reply)
        pages = {url: count for url, count in said["asked"].items() if host_of(url) not in _SERVICES}
        return Counter(pages), Counter({host: most for host, most in said["most"].items() if host not in _SERVICES})


@contextmanager
def internet(folder: Path) -> Iterator[Internet]:
    """Serve the internet of `facts.json` while the block runs."""
    ca = folder / "authority.pem"
    command = [sys.executable, "-m", "benchmarks.scale.internet", str(folder / "facts.json"), str(ca)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as server:
        try:
            port = int(server.stdout.readline()) if server.stdout else 0
            proxy = f"http://127.0.0.1:{port}"
            names = {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "NO_PROXY": "", "SSL_CERT_FILE": str(ca)}
            names["RES_OPTIONS"] = "timeout:1 attempts:1"  # names are looked up, too; there may be no answer
            yield Internet(proxy, {**names, "GITHUB_TOKEN": "made-up", "XDG_CACHE_HOME": str(folder / "home")})
        finally:
            server.kill()


def made_up() -> Iterator[str]:
    """Yield 26 lists of 80 papers each, with pages on 400 hosts."""
    for number in range(26):
        rows = [f"# List {number}\n"]
        for at in range(number * 80, number * 80 + 80):
            title = f"System{at}: Scheduling the Requests of Many Tenants on Shared Machines"
            links = [f"[Paper](https://arxiv.org/abs/2401.{at:05})", f"[Code](https://github.com/someone/system-{at})"]
            links += [f"[Project](http://lab{(at * 7 + k * 13) % 400}.example/{at}/{k})" for k in range(at % 3 + 1)]
            links += [f"[DOI](https://doi.org/10.1145/3600000.{at})"] if at % 5 == 0 else []
            rows.append(f"- {title}. " + " ".join(links))
        yield "\n".join(rows) + "\n"


def prepare(lists: Sequence[Path], folder: Path) -> None:
    """Import the lists, and tell the internet what they are about."""
    (folder / "catalogs").mkdir()
    if not lists:
        for number, text in enumerate(made_up()):
            (folder / f"list-{number}.md").write_text(text)
        lists = sorted(folder.glob("list-*.md"))
    titles: dict[str, str] = {}
    pages: dict[str, str] = {}
    for path in lists:
        made = folder / "catalogs" / f"{path.stem}.yaml"
        subprocess.run(
            [sys.executable, "-m", "enrich", "import", path, "-o", made], check=True, capture_output=True, cwd=folder
        )
        for entry in catalog.load(made).entries:
            title = entry.title or entry.name or "A page"
            for link in entry.links:
                pages.setdefault(link.url.partition("#")[0], title)
                for each in identifiers.of_url(link.url):
                    if each.scheme in (Scheme.ARXIV, Scheme.DOI):
                        titles.setdefault(f"{each.scheme.value}:{each.value.lower()}", title)
    origins = sorted(
        {"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in pages if host_of(url) not in _SERVICES}
    )
    (folder / "facts.json").write_text(json.dumps({"titles": titles, "pages": pages, "origins": origins}))
    (folder / "catalogs" / "enrich.toml").write_text(_SETTINGS)


@dataclass
class Done:
    """What came of a run; `asked` are the requests for pages, `ended` the links of parts that ended before the kill."""

    digest: str
    seconds: float
    cpu: float
    verdicts: Counter[str]
    asked: Counter[str]
    most: Counter[str]
    ended: set[str]


Victim = Callable[[], int]
"""Returns the process that is to be killed."""


def once(where: Path, flags: Sequence[str], net: Internet, victim: Victim | None, half: int) -> Done:
    """Run over all catalogs; a worker is killed once `half` of the requests are sent, where it says which."""
    shutil.copytree(where.parent / "catalogs", where)
    command = [sys.executable, "-m", "enrich", "run", *sorted(path.name for path in where.glob("*.yaml"))]
    command += [
        *flags,
        "--config",
        "enrich.toml",
        "--report",
        "json=report.json",
        "--cache-dir",
        "cache",
        "--no-progress",
    ]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with (where / "log.txt").open("wb") as log:
        child = subprocess.Popen(command, cwd=where, env={**os.environ, **net.environment}, stderr=log, stdout=log)
        ended = _kill_one(child, victim, net, half, where) if victim else set()
        code = child.wait()
    if code not in (0, 1, 3):
        raise RuntimeError((where / "log.txt").read_text()[-2000:])
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    report = json.loads((where / "report.json").read_text())
    verdicts = Counter(link["verdict"] for each in report["catalogs"] for link in each["links"])
    asked, most = net.asked()
    (where / "asked.json").write_text(json.dumps(asked, sort_keys=True, indent=0))
    return Done(_digest(where, report), seconds, cpu, verdicts, asked, most, ended)


def _kill_one(child: subprocess.Popen[bytes], victim: Victim, net: Internet, half: int, where: Path) -> set[str]:
    """Kill a worker in the middle; return the links of the parts that had ended before."""
    while child.poll() is None:
        ended = list((where / "cache" / "parts").glob("*/*.json"))
        if ended and net.asked()[0].total() >= half:
            links = {row.seen.url for path in ended for row in read_file(path).rows}
            os.kill(victim(), signal.SIGKILL)
            return links
        time.sleep(0.05)
    raise RuntimeError("the run ended before a worker could be killed")


def _digest(where: Path, report: object) -> str:
    """Return a digest of the reports and catalogs, without times."""
    text = json.dumps(_timeless(report), sort_keys=True)
    files = (path.read_text() for path in sorted(where.glob("*.yaml")))
    return hashlib.sha256("".join((text, *files)).encode()).hexdigest()[:12]


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {name: _timeless(each) for name, each in value.items() if name not in _UNCOUNTED}
    if isinstance(value, list):
        return [_timeless(each) for each in value]
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", value) if isinstance(value, str) else value


def _same(worker: int) -> int:
    return worker


def _at_work(journals: Path) -> int:
    """Return a process that writes what it sees of a part into this folder: a worker."""
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if file.readlink().is_relative_to(journals) and file.readlink().suffix == SUFFIX:
                return int(file.parts[2])
    raise RuntimeError("no worker is at work")


@contextmanager
def dask(net: Internet) -> Iterator[tuple[str, int]]:
    """Run a scheduler and two workers with a disk each; give its address and the process of one of them."""
    environment = {**os.environ, **net.environment, "NO_PROXY": "127.0.0.1"}
    with ExitStack() as stack:

        def start(*words: str, home: str) -> subprocess.Popen[bytes]:
            command, own = [sys.executable, "-m", "dask", *words], {**environment, "XDG_CACHE_HOME": home}
            process = subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        with tempfile.TemporaryDirectory() as spot:
            where = Path(spot, "scheduler.json")
            shared = ("--no-dashboard", "--scheduler-file", str(where))
            start("scheduler", "--host", "127.0.0.1", "--port", "0", *shared, home=spot)
            flags = (*shared, "--nthreads", "1", "--no-nanny", "--local-directory", spot)
            workers = [start("worker", *flags, home=f"{spot}/{at}") for at in range(2)]
            while not where.exists():
                time.sleep(0.05)
            yield json.loads(where.read_text())["address"], workers[0].pid


def one_after_another(folder: Path, names: Sequence[str]) -> dict[str, Done]:
    """Run by each executor, each on an internet that has been asked nothing yet."""
    done: dict[str, Done] = {}
    for name in names:
        where = folder / name
        kind, _, killed = name.partition("-")
        shutil.rmtree(folder / "home", ignore_errors=True)
        with ExitStack() as stack:
            victim: Victim
            net = stack.enter_context(internet(folder))
            half = done["alone"].asked.total() // 2 if done else 0
            if kind == "dask":
                address, worker = stack.enter_context(dask(net))
                flags, victim = ["--cluster", address], partial(_same, worker)
            else:
                flags = {"alone": [], "workers": ["--workers", "2"], "local": ["--cluster", "local:2"]}[kind]
                victim = partial(_at_work, where / "cache" / "parts")
            done[name] = once(where, flags, net, victim if killed else None, half)
        _print(name, done)
    return done


def _print(name: str, done: Mapping[str, Done]) -> None:
    alone, this = done["alone"], done[name]
    again = this.asked - alone.asked
    lost = (alone.asked - this.asked).total()
    if this is alone:
        print(
            "| executor | digest | links | unknown | requests | asked again | of ended parts | not asked | at a host |"
        )
        print("| --- | --- |" + " ---: |" * 7)
    finished = sum(count for url, count in again.items() if url in this.ended)
    print(
        f"| {name} | {this.digest} | {this.verdicts.total():,} | {this.verdicts['unknown']:,} "
        f"| {this.asked.total():,} | {again.total():,} | {finished} | {lost} | {max(this.most.values())} |",
        flush=True,
    )
    print(f"{name}: {this.seconds:.0f} s, {this.cpu:.0f} s of the processor", file=sys.stderr)


NAMES = ("alone", "workers", "workers-killed", "local", "local-killed", "dask", "dask-killed")


def main() -> None:
    """Run by the executors that are asked for; exit with 1 where a result differs from that of one process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="*", type=Path, metavar="LIST")
    parser.add_argument("--only", default=",".join(NAMES), help=f"some of {', '.join(NAMES)}; the first is alone")
    parser.add_argument("--keep", type=Path, help="where to work; not removed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as path:
        folder = (arguments.keep or Path(path)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        prepare([each.absolute() for each in arguments.lists], folder)
        done = one_after_another(folder, ["alone", *(n for n in arguments.only.split(",") if n != "alone")])
    raise SystemExit(len({each.digest for each in done.values()}) > 1)


if __name__ == "__main__":
    main()
