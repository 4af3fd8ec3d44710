"""Two runs at once do not take each other's work: the second is refused, and a dead one's lock holds nobody up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from enrich.commands.locks import LOCK_FILE, run_lock
from enrich.model import EnrichError
from tests.loopback import PATIENCE, Bench, Upstream

ENTRY = "version: 1\nentries:\n  - key: flexgen\n    links: {paper: https://arxiv.org/abs/2303.06865}\n"


@pytest.fixture
def bench(tmp_path: Path, upstream: Upstream) -> Bench:
    return upstream.bench(tmp_path / "here", ENTRY)


@pytest.fixture
def waiting(upstream: Upstream) -> Iterator[threading.Event]:
    """Set by the first request, which is answered when the test ends."""
    with upstream.silent() as asked:
        yield asked


def test_a_second_run_on_a_catalog_is_refused_and_on_another_is_not(
    bench: Bench, upstream: Upstream, waiting: threading.Event
) -> None:
    bench.write("other.yaml", "version: 1\nentries: []\n")
    first = bench.start("run")
    try:
        assert waiting.wait(PATIENCE)
        second = bench.call("run")
        assert (second.code, second.out) == (2, "")
        assert "catalog.yaml: another run is in progress; wait" in second.err
        assert "Traceback" not in second.err
        assert bench.call("run", "other.yaml").code == 0
        # A copy that was put in the catalog's place is another file, under the same name.
        copy = bench.write("copy.yaml", bench.read())
        copy.replace(bench.folder / "catalog.yaml")
        third = bench.call("run")
        assert third.code == 2
        assert f": another run is using this folder (process {first.pid}); wait" in third.err
    finally:
        first.kill()
        first.communicate()
    assert first.returncode == -signal.SIGKILL
    # The dead one's file is there, and holds nobody up.
    (lock,) = (bench.folder / "cache" / "catalogs").glob(f"catalog-*/{LOCK_FILE}")
    assert lock.read_text() == f"{first.pid}\n"
    upstream.before_answer = lambda: None
    assert bench.call("run").code == 0


def test_another_cache_and_another_catalog_are_free(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(ENTRY)
    other.write_text(ENTRY)
    with run_lock(tmp_path / "cache-1", one), run_lock(tmp_path / "cache-2", other):
        pass
    with (
        run_lock(tmp_path / "cache-1", one),
        pytest.raises(EnrichError, match=r"one\.yaml: another run"),
        run_lock(tmp_path / "cache-2", one),
    ):
        pytest.fail("both are at work")
    with run_lock(tmp_path / "cache-2", one):
        pass


def test_where_nothing_can_be_locked_nobody_is_kept_away(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with run_lock(file / "cache", tmp_path / "missing.yaml"):
        pass


def test_a_lock_that_is_a_link_leads_nowhere(tmp_path: Path) -> None:
    victim, cache = tmp_path / "victim", tmp_path / "cache"
    victim.write_text("precious")
    cache.mkdir()
    (cache / LOCK_FILE).symlink_to(victim)
    with run_lock(cache):
        pass
    assert victim.read_text() == "precious"
