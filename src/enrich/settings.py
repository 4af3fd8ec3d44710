"""Settings: `enrich.toml` or `[tool.enrich]` in pyproject.toml, then the environment, then flags."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from enrich.model import EnrichError

SERVICES = ("arxiv", "semantic_scholar", "crossref", "datacite", "doi", "github")
"""The services whose base URL can be set (a mirror, GitHub Enterprise, a test server)."""

KEYS = ("SEMANTIC_SCHOLAR_API_KEY", "GITHUB_TOKEN", "OPENALEX_API_KEY")
"""The environment variables that hold keys; keys are never read from a file."""

Seconds = Annotated[float, Field(ge=0, le=3600)]
Days = Annotated[float, Field(ge=0, le=3650)]


class SettingsError(EnrichError):
    """A settings file is wrong; the text names the file, the setting and the fix."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ignore(_Table):
    """A rule of the person's own: links (or findings) that match it are accepted as they are.

    `pattern` is a glob on the URL or on the entry's key; `rule` limits it to one kind of finding; after the day
    `until` it no longer holds.
    """

    pattern: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    rule: str | None = None
    until: date | None = None

    def matches(self, subjects: Sequence[str | None], today: date, rule: str | None = None) -> bool:
        """Whether the rule holds today for one of the subjects (URLs, keys)."""
        if (self.until and today > self.until) or (self.rule and self.rule != rule):
            return False
        return any(subject and fnmatchcase(subject, self.pattern) for subject in subjects)


class HostPace(_Table):
    """How fast one host may be asked: seconds between two requests, requests in flight."""

    interval: Seconds = 0.0
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4


class Settings(_Table):
    """All settings with their defaults; ages are in days, `timeout` is in seconds for a whole request."""

    contact: str | None = None
    cache_dir: Path | None = None
    history: Path | None = None
    refresh_days: Days = 30
    retry_lacking_days: Days = 7
    recheck_links_days: Days = 7
    timeout: Annotated[float, Field(gt=0, le=600)] = 20
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    fail_on: Literal["never", "error", "warning"] = "error"
    ignore: tuple[Ignore, ...] = ()
    accept: Mapping[str, tuple[Annotated[int, Field(ge=100, le=999)], ...]] = {}
    pace: Mapping[str, HostPace] = {}
    allow_private: tuple[str, ...] = ()
    services: Mapping[Literal["arxiv", "semantic_scholar", "crossref", "datacite", "doi", "github"], str] = {}


class Loaded(_Table):
    """The settings in force, and where each that is no default came from."""

    settings: Settings
    origins: Mapping[str, str]
    trusts_services: bool = True

    def base(self, service: str, default: str) -> str:
        """The base URL of a service."""
        return {str(name): url for name, url in self.settings.services.items()}.get(service, default).rstrip("/")


def load(config: Path | None, folder: Path, environment: Mapping[str, str]) -> Loaded:
    """The settings of a run in `folder`: from `config`, else from enrich.toml or pyproject.toml there.

    `trusts_services` is false where the folder's own file sets base URLs: a file that a stranger could add to a
    pull request must not send keys elsewhere.

    Raises:
        SettingsError: the file cannot be read, is no TOML, or holds an unknown or wrong setting.
    """
    path, table = _read(config, folder)
    origins = dict.fromkeys(table, str(path))
    table = dict(table)
    for name, variable in (("contact", "ENRICH_CONTACT"), ("cache_dir", "ENRICH_CACHE_DIR")):
        if value := environment.get(variable):
            table[name], origins[name] = value, variable
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = f"; known settings: {', '.join(Settings.model_fields)}" if first["type"] == "extra_forbidden" else ""
        raise SettingsError(f"{path or 'environment'}: setting {name!r}: {first['msg']}{known}") from None
    return Loaded(settings=settings, origins=origins, trusts_services=config is not None or "services" not in table)


def keys(environment: Mapping[str, str]) -> dict[str, str]:
    """The keys that the environment holds, by the variable's name; white space round them is dropped."""
    return {name: value.strip() for name in KEYS if (value := environment.get(name, "")).strip()}


def _read(config: Path | None, folder: Path) -> tuple[Path | None, Mapping[str, object]]:
    candidates = [config] if config else [folder / "enrich.toml", folder / "pyproject.toml"]
    for path in candidates:
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if config:
                raise SettingsError(f"{path}: no such file; name an existing one with --config") from None
            continue
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: cannot be read as TOML: {error}") from None
        if path.name == "pyproject.toml":
            tool = data.get("tool")
            data = tool.get("enrich", {}) if isinstance(tool, dict) else {}
            if not data:
                continue
        if not isinstance(data, dict):
            raise SettingsError(f"{path}: [tool.enrich] must be a table")
        return path, data
    return None, {}
