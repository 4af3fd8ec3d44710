"""Catalog files are replaced as a whole or not at all, and never over somebody else's change."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import tempfile
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from enrich import catalog as catalogs
from enrich.model import Enriched, Entry

TEXT = "\ufeffentries:\r\n- key: a  # 😀\n\n- key: b"
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.yaml"
    path.write_bytes(TEXT.encode())
    return path


@pytest.fixture
def locked() -> Iterator[Path]:
    """A directory where we may read but not write, be we root or not."""
    directory = Path(tempfile.mkdtemp())
    (directory / "catalog.yaml").write_bytes(TEXT.encode())
    directory.chmod(0o555)
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    yield directory
    os.seteuid(was)
    directory.chmod(0o755)
    shutil.rmtree(directory)


def changed(catalog: catalogs.Catalog) -> str:
    return catalogs.with_enriched(catalog, {"a": Enriched(title="😀 é")})


def test_a_file_is_read_and_saved_byte_for_byte(path: Path) -> None:
    catalog = catalogs.load(path)
    assert (catalog.path, catalog.text) == (path, TEXT)
    catalogs.save(catalog, changed(catalog))
    assert path.read_bytes() == TEXT.replace("😀\n", '😀\n  enriched:\n    title: "😀 é"\n').encode()
    assert [each.name for each in path.parent.iterdir()] == ["catalog.yaml"]


def test_the_same_text_is_not_written(path: Path) -> None:
    before = path.stat()
    catalog = catalogs.load(path)
    catalogs.save(catalog, catalog.text)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_permissions_and_owner_stay(path: Path, mode: int) -> None:
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    before = path.stat()
    catalog = catalogs.load(path)
    catalogs.save(catalog, changed(catalog))
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == mode
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino, "the file is replaced, not written over"


def test_what_a_killed_saving_left_is_removed_once_it_is_old(path: Path) -> None:
    old = [path.with_name(f".enrich-{digit * 16}.tmp") for digit in "0a"]
    kept = [path.with_name(name) for name in (".enrich-0.tmp", f".enrich-{'b' * 16}.tmp", f"enrich-{'0' * 16}.tmp")]
    for each in (*old, *kept):
        each.write_text("half a cat")
        os.utime(each, (1, 1))
    os.utime(kept[1])
    link = path.with_name(f".enrich-{'c' * 16}.tmp")
    link.symlink_to(kept[0])
    os.utime(link, (1, 1), follow_symlinks=False)
    catalog = catalogs.load(path)
    catalogs.save(catalog, catalog.text)
    assert all(each.exists() for each in old)  # nothing was to be written
    catalogs.save(catalog, changed(catalog))
    assert sorted(path.parent.iterdir()) == sorted([path, link, *kept])


def test_a_symbolic_link_stays_one(path: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "catalog.yaml"
    link.symlink_to("../catalog.yaml")
    catalog = catalogs.load(link)
    catalogs.save(catalog, changed(catalog))
    assert link.is_symlink()
    assert path.read_bytes() == changed(catalog).encode()
    assert [each.name for each in link.parent.iterdir()] == ["catalog.yaml"]


def test_a_file_that_changed_meanwhile_is_left_alone(path: Path) -> None:
    catalog = catalogs.load(path)
    path.write_text("entries: []", encoding="utf-8")
    with pytest.raises(catalogs.CatalogError, match="changed on disk during the run; run again"):
        catalogs.save(catalog, changed(catalog))
    assert path.read_text(encoding="utf-8") == "entries: []"
    path.unlink()
    with pytest.raises(catalogs.CatalogError, match="file not found"):
        catalogs.save(catalog, changed(catalog))
    assert list(path.parent.iterdir()) == []


def test_an_edit_while_the_new_file_is_synced_is_not_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = catalogs.load(path)
    late = TEXT + "# late edit\n"
    monkeypatch.setattr(os, "fsync", lambda _: path.write_bytes(late.encode()))
    with pytest.raises(catalogs.CatalogError, match="changed on disk during the run; run again"):
        catalogs.save(catalog, changed(catalog))
    assert path.read_bytes() == late.encode()
    monkeypatch.setattr(os, "fsync", lambda _: path.with_name("new.yaml").write_text("late", encoding="utf-8"))
    with pytest.raises(catalogs.CatalogError, match="the file exists"):
        catalogs.create(path.with_name("new.yaml"), late)
    assert path.with_name("new.yaml").read_text(encoding="utf-8") == "late"


def test_a_reader_sees_the_old_file_or_the_new_one_and_nothing_between(path: Path) -> None:
    old = catalogs.load(path)
    long = catalogs.with_enriched(old, {"a": Enriched(abstract="x" * 300_000)})
    with ThreadPoolExecutor(1) as pool:
        saved = pool.submit(_save_to_and_fro, path, old.text, long)
        seen = {path.read_bytes()}
        while not saved.done():
            seen.add(path.read_bytes())
    assert saved.result() is None
    assert seen <= {old.text.encode(), long.encode()}


def _save_to_and_fro(path: Path, *texts: str) -> None:
    for _ in range(20):
        for text in texts:
            catalogs.save(catalogs.load(path), text)


def test_a_full_disk_leaves_the_file_as_it_was(path: Path) -> None:
    catalog = catalogs.load(path)
    long = catalogs.with_enriched(catalog, {"a": Enriched(abstract="x" * 20_000)})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(catalogs.CatalogError, match=r"cannot be written \(File too large\); nothing was changed"):
            catalogs.save(catalog, long)
        with pytest.raises(catalogs.CatalogError, match="cannot be written"):
            catalogs.create(path.with_name("new.yaml"), long)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == TEXT.encode()
    assert [each.name for each in path.parent.iterdir()] == ["catalog.yaml"]


def test_an_emoji_costs_no_memory(path: Path) -> None:
    """A `str` takes four bytes for every letter then: eight times the file with the old text and the new one."""
    size = 2_000_000
    path.write_bytes(f"entries:\n- key: a # 🧪\n  remarks: {'x ' * (size // 2)}y\n".encode())
    tracemalloc.start()
    try:
        catalog = catalogs.load(path)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        catalogs.save_enriched(catalog, {"a": Enriched(title="t")})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2.5 * size  # the file and the remarks
    assert peak - held < 4 * size  # the new text, and the remarks once more as libyaml and PyYAML hand them over
    assert path.read_bytes().endswith(b"y\n  enriched:\n    title: t\n")


def test_a_directory_that_cannot_be_written_is_a_clear_error(locked: Path) -> None:
    catalog = catalogs.load(locked / "catalog.yaml")
    with pytest.raises(catalogs.CatalogError, match=r"cannot be written \(Permission denied\)"):
        catalogs.save(catalog, changed(catalog))
    with pytest.raises(catalogs.CatalogError, match=r"cannot be written \(Permission denied\)"):
        catalogs.create(locked / "new.yaml", "entries: []\n")
    assert [each.name for each in locked.iterdir()] == ["catalog.yaml"]


def test_a_new_file_is_created_and_none_is_overwritten(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    text = catalogs.new_text([Entry("a", name="é")])
    catalogs.create(new, text)
    assert new.read_bytes() == text.encode()
    umask = os.umask(0o022)
    os.umask(umask)
    assert stat.S_IMODE(new.stat().st_mode) == 0o666 & ~umask
    with pytest.raises(catalogs.CatalogError, match="the file exists"):
        catalogs.create(path, text)
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(catalogs.CatalogError, match="the file exists"):
        catalogs.create(tmp_path / "dangling", text)
    with pytest.raises(catalogs.CatalogError, match=r"cannot be written \(No such file or directory\)"):
        catalogs.create(tmp_path / "no" / "new.yaml", text)


def test_a_file_that_cannot_be_read_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(catalogs.CatalogError, match=r"no\.yaml: file not found; pass the catalog's path"):
        catalogs.load(tmp_path / "no.yaml")
    with pytest.raises(catalogs.CatalogError, match=r"cannot be read \(Is a directory\)"):
        catalogs.load(tmp_path)


def test_bytes_that_are_not_utf_8_are_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_bytes("entries:\n- key: é\n".encode() + "- key: é\n".encode("latin-1"))
    with pytest.raises(catalogs.CatalogError, match=r"catalog\.yaml:3: the byte 0xe9 is not UTF-8 \(offset 26\); save"):
        catalogs.load(path)
    path.write_bytes("entries:\n- key: é\n".encode() + b"#" + "é".encode() * 600_000 + b"\n\xc3")
    with pytest.raises(catalogs.CatalogError, match=r"catalog\.yaml:4: the byte 0xc3 is not UTF-8 \(offset 1200021\)"):
        catalogs.load(path)
    path.write_bytes("entries: []".encode("utf-16"))
    with pytest.raises(catalogs.CatalogError, match=r"catalog\.yaml:1: the byte 0xff is not UTF-8"):
        catalogs.load(path)
