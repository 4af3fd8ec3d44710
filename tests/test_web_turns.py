"""The pace of a service holds across processes on one machine; that of a page's host is each process's own."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from enrich import files
from enrich.web import Cache, Pace, Web
from tests.fakes import FakeClock, nobody_at
from tests.leaping import leaping
from tests.loopback import BASES, Bench

PACES = {"api.example.org": Pace(interval=3, group="service", is_service=True), "*": Pace(interval=3)}
SERVICE, PAGE = "https://api.example.org/{}", "https://www.example.org/{}"


def asked(clock: FakeClock, shared: Path, url: str = SERVICE, programs: int = 2, requests: int = 3) -> list[float]:
    """Return when requests came that several programs sent at the same time, each so many."""
    at: list[float] = []

    def note(_: httpx.Request) -> httpx.Response:
        at.append(clock.monotonic())
        return httpx.Response(200)

    async def program() -> None:
        transport = httpx.MockTransport(note)
        cache = Cache(None, clock)
        async with Web(cache=cache, clock=clock, transport=transport, paces=PACES, shared_paces=shared) as web:
            for number in range(requests):
                await web.fetch(url.format(number))

    async def run() -> None:
        await asyncio.gather(*(program() for _ in range(programs)))

    asyncio.run(run())
    return at


def test_programs_share_the_pace_of_a_service(clock: FakeClock, tmp_path: Path) -> None:
    at = asked(clock, tmp_path / "not" / "there yet")
    assert len(at) == 6
    assert all(later - earlier >= 2.999 for earlier, later in pairwise(at))
    assert at[-1] < 16, "nobody waits longer than need be"


def test_a_later_program_minds_what_an_earlier_one_sent(clock: FakeClock, tmp_path: Path) -> None:
    asked(clock, tmp_path, programs=1, requests=1)
    clock.advance(1)
    assert asked(clock, tmp_path, programs=1, requests=1) == [pytest.approx(3, abs=0.01)]
    clock.advance(60)
    assert asked(clock, tmp_path, programs=1, requests=1) == [pytest.approx(63, abs=0.01)]


def test_hosts_of_pages_are_each_programs_own(clock: FakeClock, tmp_path: Path) -> None:
    assert asked(clock, tmp_path, PAGE, requests=1) == [0, 0]
    assert list(tmp_path.iterdir()) == []


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def link_elsewhere(path: Path) -> None:
    (path.parent / "other").write_text("mine")
    path.symlink_to(path.parent / "other")


needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of POSIX")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(os.urandom(5000)), id="garbage"),
        pytest.param(lambda path: path.write_bytes(b"9" * 5000), id="a huge number"),
        pytest.param(lambda path: path.write_bytes(b"nan\n"), id="no number"),
        pytest.param(lambda path: path.write_bytes(b"inf\n"), id="infinite"),
        pytest.param(lambda path: path.write_bytes(b"4102444800.000000\n"), id="the year 2100"),
        pytest.param(lambda path: path.write_bytes(b"0.000000\n"), id="the year 1970"),
        pytest.param(lambda path: path.mkdir(), id="a folder"),
        pytest.param(make_pipe, id="a pipe", marks=needs_posix),
        pytest.param(link_elsewhere, id="a link", marks=needs_posix),
        pytest.param(lambda path: (path.parent.rmdir(), path.parent.write_text("")), id="a file for the folder"),
    ],
)
def test_whatever_the_file_is_requests_go_on(clock: FakeClock, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    (tmp_path / "paces").mkdir()
    spoil(tmp_path / "paces" / "service")
    assert asked(clock, tmp_path / "paces", programs=1, requests=2) == [0, pytest.approx(3, abs=0.01)]
    if (tmp_path / "paces" / "other").exists():
        assert (tmp_path / "paces" / "other").read_text() == "mine"


@needs_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_done_without(clock: FakeClock, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert asked(clock, tmp_path, programs=1, requests=2) == [0, 3]
    tmp_path.chmod(0o700)


def test_a_program_that_hangs_with_the_lock_holds_nobody_up(clock: FakeClock, tmp_path: Path) -> None:
    with (tmp_path / "service").open("wb") as held:
        files.lock(held.fileno())
        first, second = asked(clock, tmp_path, programs=1, requests=2)
    assert first <= 2
    assert 3 <= second - first <= 5
    assert clock.monotonic() < 10


def test_a_command_takes_its_turn_from_what_all_commands_of_the_person_share(tmp_path: Path) -> None:
    bench = Bench.at(tmp_path / "here")
    bench.folder.mkdir()
    line = ("check", "https://arxiv.org/abs/2303.06865")
    with nobody_at() as port, leaping({}):
        services = "".join(f'{name} = "http://127.0.0.1:{port}/{name}"\n' for name in BASES)
        pace = '[pace."127.0.0.1"]\ninterval = 0.001\n'
        bench.write("enrich.toml", f'allow_private = ["127.0.0.1"]\ntries = 1\n{pace}[services]\n{services}')
        bench.call(*line)
        seconds = []
        [turn] = Path(bench.environment["HOME"]).rglob("paces/*")
        for is_held in (False, True):
            began = time.monotonic()
            with turn.open("rb+") as file:
                if is_held:
                    files.lock(file.fileno())
                bench.call(*line)
            seconds.append(time.monotonic() - began)
    assert seconds[1] >= seconds[0] + 1
