"""The workspace of a command: settings, keys, cache, history, and the network client made from them."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import os
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from enrich import settings
from enrich.access import open_web, user_cache
from enrich.commands import cache_folders
from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.progress import progress
from enrich.commands.terminal import say
from enrich.model import EnrichError, Reply
from enrich.pipeline import CatalogInput, Options, Result, Workers, run
from enrich.services import PAGE, SNAPSHOTS
from enrich.settings import Loaded
from enrich.web import INTERRUPTED, Cache, Listener, SystemClock, Web


@dataclass(frozen=True, slots=True)
class Workspace:
    """The current settings, the available keys, and the location of the cache.

    `other_caches` are where earlier runs may have kept the history of a catalog; `named_history` is the history file in
    a flag or the settings.
    """

    loaded: Loaded
    keys: Mapping[str, str]
    cache: Path
    other_caches: tuple[Path, ...] = ()
    named_history: Path | None = None

    @classmethod
    def of(cls, arguments: Namespace, catalog: Path = Path("catalog.yaml")) -> Workspace:
        """Return the workspace of a command on a catalog: by flags, then settings, then what lies beside the catalog.

        Raises:
            EnrichError: The settings are wrong.
        """
        loaded = _with_default_snapshots(settings.load(getattr(arguments, "config", None), catalog.parent, os.environ))
        if getattr(arguments, "fragments", False):
            chosen = loaded.settings.model_copy(update={"fragments": True})
            loaded = loaded.model_copy(update={"settings": chosen})
        folders = dict.fromkeys((catalog.parent, Path(os.path.realpath(catalog)).parent))
        beside = [folder / "cache" for folder in folders if cache_folders.is_own(folder / "cache")]
        found = (*beside, user_cache(), *(cache_folders.former_user_cache(folder) for folder in folders))
        named = getattr(arguments, "cache_dir", None) or loaded.settings.cache_dir
        cache = named or found[0]
        # Only a named cache is used, unless its name is the default one.
        is_usual = not named or cache.resolve() in [(folder / "cache").resolve() for folder in folders]
        others = tuple(other for other in found if other.resolve() != cache.resolve()) if is_usual else ()
        history = getattr(arguments, "history", None) or loaded.settings.history
        return cls(loaded, settings.keys(os.environ), cache, others, history)

    @classmethod
    def of_all(cls, arguments: Namespace, catalogs: Sequence[Path]) -> tuple[Workspace, list[Workspace]]:
        """Return the workspace of a command on several catalogs, and each catalog's own.

        The first has settings and cache of the catalogs' folder or, for catalogs in several folders, of the working
        directory. History and last report stay in each catalog's own, as in a run on it alone.

        Raises:
            EnrichError: The settings are wrong, or one history file is named for several catalogs.
        """
        own = [cls.of(arguments, path) for path in catalogs]
        histories = [os.path.realpath(each.named_history) for each in own if each.named_history]
        if len(set(histories)) < len(histories):
            raise EnrichError(
                "--history and the setting `history` name the file of one catalog; "
                "with several, leave them out: each then has a history in the cache directory"
            )
        if len({os.path.realpath(path.parent) for path in catalogs}) == 1:
            return own[0], own
        common = cls.of(arguments)
        used = set(map(os.path.realpath, common.loaded.origins.values()))
        unused = {origin for each in own for origin in each.loaded.origins.values()}
        for origin in sorted(origin for origin in unused if os.path.realpath(origin) not in used):
            say(arguments, f"{origin}: ignored, as the catalogs are in several folders; use --config to choose one")
        caches = {os.path.realpath(each.cache) for each in own}
        return (replace(common, cache=own[0].cache) if len(caches) == 1 else common), own

    def snapshot_place(self, name: str) -> Path:
        """Return where the snapshot of a kind is or would be: according to the settings, else in the user's cache."""
        return self.loaded.settings.snapshots.files.get(name, _default_snapshot(name))

    @property
    def files(self) -> tuple[Path, ...]:
        """The files in settings and flags, which no report may replace."""
        chosen = self.loaded.settings
        own = (self.named_history, chosen.results, chosen.retraction_watch, *chosen.snapshots.files.values())
        return tuple(filter(None, own))

    @property
    def results(self) -> Path | None:
        """The file that records changes over time, None without one."""
        return self.loaded.settings.results

    def open_cache(self) -> Cache:
        """Return the cache of services' responses; untrusted base URLs get a cache of their own."""
        cache_folders.make(self.cache)
        folder = self.cache
        if not self.loaded.trusts_services:
            bases = json.dumps(sorted(self.loaded.settings.services.items()))
            folder = folder / f"services-{hashlib.sha256(bases.encode()).hexdigest()[:12]}"
        return Cache(folder, SystemClock(), {PAGE: self.loaded.settings.recheck_links_days * 86400})

    def web(
        self,
        *,
        offline: bool = False,
        listener: Listener | None = None,
        witness: Callable[[Reply], None] | None = None,
    ) -> Web:
        """Return the client, with the workspace's keys, paces and limits; with a witness it uses no cache."""
        return open_web(
            self.loaded,
            self.keys,
            os.environ,
            Cache(None, SystemClock()) if witness else self.open_cache(),
            shared_paces=user_cache() / "paces",
            offline=offline,
            listener=listener,
            witness=witness,
        )

    def run(
        self,
        arguments: Namespace,
        catalogs: Sequence[CatalogInput],
        options: Options,
        workers: Workers | None = None,
    ) -> tuple[Result, ...]:
        """Run over catalogs, with a progress line on a terminal; the first signal makes it a partial run.

        Pages are fetched by `workers`, without them in this process.

        Raises:
            KeyboardInterrupt: That signal came, and the command has no use for a part.
        """
        results: list[tuple[Result, ...]] = []

        async def job(heard: Listener) -> None:
            # Not returned: `asyncio.run` calls `repr` on the result of its task, which takes seconds for a long list.
            loop = asyncio.get_running_loop()
            async with self.web(offline=options.offline, listener=heard) as web:

                def stop() -> None:
                    loop.call_soon_threadsafe(web.stop.set, INTERRUPTED)

                with INTERRUPTS.answered_by(stop):
                    done = await run(catalogs, web, self.loaded, options=options, workers=workers)
                results.append(done)

        gc.freeze()
        relax_gc()
        with progress(arguments) as heard:
            asyncio.run(job(heard))
        gc.collect()  # the objects of the phases refer to each other: for a long list, hundreds of megabytes
        INTERRUPTS.check()
        return results[0]


def _default_snapshot(name: str) -> Path:
    return user_cache() / "snapshots" / f"{name}.sqlite"


def _with_default_snapshots(loaded: Loaded) -> Loaded:
    """Return the settings with the snapshots in the user's cache, unless the settings name others."""
    named = loaded.settings.snapshots
    usual = {name: place for name in SNAPSHOTS if (place := _default_snapshot(name)).is_file()}
    update = {name.replace("-", "_"): place for name, place in (usual | named.files).items()}
    chosen = loaded.settings.model_copy(update={"snapshots": named.model_copy(update=update)})
    return loaded.model_copy(update={"settings": chosen})


def relax_gc() -> None:
    """Collect garbage less often: most objects of a run stay, and collecting finds nothing."""
    gc.set_threshold(50_000, 20, 20)
