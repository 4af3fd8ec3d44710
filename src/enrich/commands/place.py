"""Where a command works: its settings, keys, cache and history, and the way out made from them."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from enrich import history as past
from enrich import settings
from enrich.commands.terminal import progress, read_text, say, write_text
from enrich.model import EnrichError, Entry, Report
from enrich.report import as_json
from enrich.run import Options, Result, run
from enrich.settings import Loaded
from enrich.sources import archive, arxiv, crossref, datacite, doi, github, openalex, semantic_scholar
from enrich.web import Answers, Pace, SystemClock, Web


@dataclass(frozen=True, slots=True)
class Place:
    """The settings in force, the keys at hand, the folder of answers and the file of history."""

    loaded: Loaded
    keys: Mapping[str, str]
    cache: Path
    history: Path

    @classmethod
    def of(cls, arguments: Namespace, folder: Path = Path()) -> Place:
        """The place of a command on a catalog in `folder`: by flags, then settings, then what lies there.

        Raises:
            EnrichError: the settings are wrong.
        """
        loaded = settings.load(getattr(arguments, "config", None), folder, os.environ)
        if getattr(arguments, "fragments", False):
            chosen = loaded.settings.model_copy(update={"fragments": True})
            loaded = loaded.model_copy(update={"settings": chosen})
        beside = folder / "cache"
        cache = getattr(arguments, "cache_dir", None) or loaded.settings.cache_dir
        cache = cache or (beside if beside.is_dir() else _user_cache(folder))
        history = getattr(arguments, "history", None) or loaded.settings.history or cache / "history.json"
        return cls(loaded, settings.keys(os.environ), cache, history)

    def remembered(self, arguments: Namespace) -> past.History:
        """What earlier runs saw."""
        history, warning = past.load(self.history)
        if warning:
            say(arguments, warning)
        return history

    def check_writable(self) -> None:
        """Sees to it that what a run brings can be kept, before anybody is asked.

        Raises:
            EnrichError: the folder of the history, or that of the answers, cannot be written.
        """
        for path, flag in ((self.history, "--history"), (self._last_report, "--cache-dir")):
            folder = next(parent for parent in path.absolute().parents if parent.exists())
            if not os.access(folder, os.W_OK | os.X_OK):
                raise EnrichError(
                    f"{path}: cannot be written (no permission in {folder}); name another place with {flag}"
                )

    def keep(self, report: Report, history: past.History) -> None:
        """Remembers a run for the next one, and for `report` and `fix`.

        Raises:
            EnrichError: one of the two files cannot be written.
        """
        past.save(self.history, history)
        # By way of another name: whoever stops the run finds the last report whole, this one or the one before.
        whole = self._last_report.with_suffix(".tmp")
        write_text(whole, as_json.pieces(report))
        whole.replace(self._last_report)

    def last_report(self) -> Report:
        """The report of the last run here.

        Raises:
            EnrichError: there was none.
        """
        if not self._last_report.exists():
            raise EnrichError(
                f"{self._last_report}: no run left a report here; `enrich run` first, or name its --cache-dir"
            )
        return as_json.read(read_text(self._last_report), str(self._last_report))

    @property
    def _last_report(self) -> Path:
        return self.cache / "last-report.json"

    def answers(self) -> Answers:
        """The store of what services answered."""
        return Answers(self.cache, SystemClock(), {"page": self.loaded.settings.recheck_links_days * 86400})

    def web(self, *, offline: bool = False) -> Web:
        """The way out, with this place's keys, paces and limits."""
        chosen = self.loaded.settings
        own = {host: Pace(pace.interval, pace.concurrency) for host, pace in chosen.pace.items()}
        return Web(
            answers=self.answers(),
            paces={**paces(contact=bool(chosen.contact)), **own},
            keys=self._keys_by_host(),
            contact=chosen.contact,
            allow_private=chosen.allow_private,
            offline=offline,
            timeout=chosen.timeout,
            tries=chosen.tries,
        )

    def run(
        self,
        arguments: Namespace,
        entries: Sequence[Entry],
        history: past.History,
        options: Options,
        catalog: str | None = None,
    ) -> Result:
        """A whole run over entries, with a progress line for whoever looks on."""
        results: list[Result] = []

        async def job(heard: Callable[[str, int], None]) -> None:
            # Not returned: `asyncio.run` ends in a `repr` of what its task returned, seconds for a long list.
            async with self.web(offline=options.offline) as web:
                done = await run(entries, web, self.loaded, history, options=options, catalog=catalog, progress=heard)
                results.append(done)

        gc.freeze()
        spare_collector()
        with progress(arguments) as heard:
            asyncio.run(job(heard))
        return results[0]

    def _keys_by_host(self) -> dict[str, dict[str, str]]:
        """Each key for the one host that it belongs to; a host that only a file in the folder names gets none."""
        headers = (
            ("SEMANTIC_SCHOLAR_API_KEY", semantic_scholar.NAME, semantic_scholar.BASE, "x-api-key", "{}"),
            ("GITHUB_TOKEN", github.NAME, github.BASE, "Authorization", "Bearer {}"),
            (openalex.KEY, openalex.NAME, openalex.BASE, "Authorization", "Bearer {}"),
        )
        found = {}
        for variable, service, default, header, form in headers:
            base = self.loaded.base(service, default)
            if base == github.BASE and (os.environ.get("GITHUB_API_URL") or base).rstrip("/") != base:
                continue  # on GitHub Enterprise the job's token is that server's own, and github.com refuses it
            if variable in self.keys and (self.loaded.trusts_services or base == default):
                found[urlsplit(base).hostname or ""] = {header: form.format(self.keys[variable])}
        return found


def spare_collector() -> None:
    """Has garbage looked for less often: most of what a run loads stays, and looking through it finds nothing."""
    gc.set_threshold(50_000, 20, 20)


def paces(*, contact: bool) -> dict[str, Pace]:
    """The published limits of all services by host; with a contact address Crossref allows more."""
    fixed = (
        archive.PACES,
        arxiv.PACES,
        semantic_scholar.PACES,
        datacite.PACES,
        doi.PACES,
        github.PACES,
        openalex.PACES,
    )
    return {host: pace for rows in (*fixed, crossref.paces(contact=contact)) for host, pace in rows.items()}


def _user_cache(folder: Path) -> Path:
    """The user's own cache, a folder for each folder with a catalog: histories must not mix."""
    here = folder.resolve()
    name = f"{here.name}-{hashlib.sha256(str(here).encode()).hexdigest()[:8]}"
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        home = Path(tempfile.gettempdir())
    return home / "enrich" / name
