"""Files are replaced atomically, durably, and never through a planted link."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from enrich import files

COPY = "import sys; sys.stdout.write(open(sys.argv[1]).read())"


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_made_and_replaced_with_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write(path, [b"one"])
    path.chmod(0o640)
    files.write(path, [b"t", bytearray(b"wo")])
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert left_in(tmp_path) == ["a.txt"]


def test_a_link_is_followed_or_replaced_as_asked(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    files.write(link, [b"new"])
    assert (link.is_symlink(), real.read_text()) == (True, "new")
    files.write(link, [b"own"], follow_link=False)
    assert (link.is_symlink(), link.read_text(), real.read_text()) == (False, "own", "new")
    assert stat.S_IMODE(link.stat().st_mode) == stat.S_IMODE(real.stat().st_mode)


def test_a_failure_in_the_middle_leaves_the_old_file_alone(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("no more")

    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ValueError, match="no more"):
        files.write(path, pieces())
    assert (path.read_text(), left_in(tmp_path)) == ("old", ["a.txt"])


def test_the_last_check_comes_after_the_sync_and_stops_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: order.append("sync"))
    path = tmp_path / "a.txt"
    files.write(path, [b"new"], before_replace=lambda: order.append("check"))
    assert order == ["sync", "check", "sync"], "the content, then the folder that holds the new name"

    def refuse() -> None:
        raise RuntimeError("changed")

    with pytest.raises(RuntimeError, match="changed"):
        files.write(path, [b"newer"], before_replace=refuse)
    assert (path.read_text(), left_in(tmp_path)) == ("new", ["a.txt"])


def test_temporary_names_cannot_be_guessed(tmp_path: Path) -> None:
    seen: set[str] = set()
    for _ in range(20):
        files.write(tmp_path / "a", [b""], before_replace=lambda: seen.update(left_in(tmp_path)))
    assert len(seen - {"a"}) == 20


def test_pipes_and_the_standard_streams_are_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", COPY, pipe], stdout=subprocess.PIPE) as reader:
        files.write(pipe, [b"through"])
        assert reader.communicate()[0] == b"through"
    assert left_in(tmp_path) == ["pipe"]
    words = "from pathlib import Path; from enrich import files; files.write(Path('/dev/stdout'), [b'out'])"
    command = [sys.executable, "-c", words]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"out"
    with (tmp_path / "out").open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
    assert (tmp_path / "out").read_bytes() == b"out"


@pytest.mark.parametrize("words", ["é\n" * 600_000, ["é\n"] * 3, ""])
def test_text_is_encoded_piece_by_piece(words: str | list[str]) -> None:
    assert b"".join(files.encoded(words, "strict")) == "".join(words).encode()
    assert b"".join(files.encoded("\ud800", "backslashreplace")) == b"\\ud800"
