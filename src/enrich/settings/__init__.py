"""Settings: `enrich.toml` or `[tool.enrich]` in pyproject.toml, then the environment, then flags."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

from enrich.limits import CpuLimit, OutOfTimeError
from enrich.model import FACT_FIELDS, RULE_NAMES, WANTED_FIELDS, EnrichError
from enrich.services import KEY_VARIABLES, SERVICES, SNAPSHOTS
from enrich.settings.complaints import worded
from enrich.settings.locator import KeyPath, setting_line, setting_lines
from enrich.text.suggestions import hint

_SECONDS = 1.0  # of processor time for a file; an ordinary one takes a few thousandths of a second

_SERVICES = tuple(service.name for service in SERVICES)

_ENVIRONMENT = {
    "contact": "ENRICH_CONTACT",
    "cache_dir": "ENRICH_CACHE_DIR",
    "results": "ENRICH_RESULTS",
    "notify": "ENRICH_NOTIFY_URL",
}
_PATHS: tuple[tuple[str, ...], ...] = (
    ("cache_dir",),
    ("history",),
    ("results",),
    ("retraction_watch",),
    *(("snapshots", name) for name in SNAPSHOTS),
)
_OWN_ONLY = {"allow_private": "open private addresses", "notify": "send findings to another server"}
_VANTAGE = "ENRICH_VANTAGE"
_CI = "CI"  # true on GitHub, GitLab and most other services


def _is_service(name: str) -> str:
    if name not in _SERVICES:
        raise ValueError(f"unknown service; {hint(name, _SERVICES)}")
    return name


def _is_field(name: str) -> str:
    if name not in FACT_FIELDS:
        raise ValueError(f"unknown field; {hint(name, FACT_FIELDS)}")
    return name


def _is_rule(name: str) -> str:
    if name not in RULE_NAMES:
        raise ValueError(f"unknown rule; {hint(name, RULE_NAMES)}")
    return name


def _is_base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be a web address such as https://mirror.example.org, without a query")
    return url


def _is_hook(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("must be a web address such as https://hooks.example.org/enrich, without a user name")
    return url


def _is_place(text: str) -> str:
    if "/" in text:
        ip_network(text, strict=False)
    return text


Seconds = Annotated[float, Field(strict=True, ge=0, le=3600, allow_inf_nan=False)]
Days = Annotated[float, Field(strict=True, ge=0, le=3650, allow_inf_nan=False)]
Host = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^\s/@]+$")]
HttpStatus = Annotated[int, Field(strict=True, ge=100, le=999)]
# It is sent in headers and URLs of every request.
Contact = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!-;=?A-~]+@[!-;=?A-~]+$")]


class SettingsError(EnrichError):
    """The settings are wrong; the text names the file or variable, the setting and the fix."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ignore(_Table):
    """A rule that accepts matching links or findings.

    `pattern` is a URL, an entry's key, or a glob of either; `rule` limits it to one kind of finding; it expires after
    the day `until`.
    """

    pattern: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    rule: Annotated[str, AfterValidator(_is_rule)] | None = None
    until: date | None = None

    def matches(self, subjects: Sequence[str | None], today: date, rule: str | None = None) -> bool:
        """Return whether the rule applies today to one of the subjects (URLs, keys)."""
        if (self.until and today > self.until) or (self.rule and self.rule != rule):
            return False
        # A URL with ? or [ in it is also a glob of other URLs.
        return any(subject and (subject == self.pattern or fnmatchcase(subject, self.pattern)) for subject in subjects)


class HostPace(_Table):
    """The limits for one host: seconds between two requests, and requests in flight."""

    interval: Seconds = 0.0
    concurrency: Annotated[int, Field(strict=True, ge=1, le=64)] = 4


class Notify(_Table):
    """A webhook that receives new and fixed findings; anyone who knows the URL may be able to post there."""

    url: Annotated[SecretStr, AfterValidator(_is_hook)]


class Snapshots(_Table):
    """Local copies of public metadata: the file of each kind, and the age in days from which a file is not used."""

    arxiv: Path | None = None
    dblp: Path | None = None
    datacite_states: Annotated[Path | None, Field(alias="datacite-states")] = None
    max_age_days: Days = 60

    @property
    def files(self) -> dict[str, Path]:
        """The files by kind."""
        return {name: path for name in SNAPSHOTS if (path := getattr(self, name.replace("-", "_")))}


class Settings(_Table):
    """All settings with their defaults; ages are in days, `timeout` is in seconds for a whole request.

    `fields` are written into `enriched:`, besides the fields about the block itself. `retraction_watch` is a file:
    https://gitlab.com/crossref/retraction-watch-data has it as CSV.
    """

    contact: Contact | None = None
    cache_dir: Path | None = None
    history: Path | None = None
    results: Path | None = None
    retraction_watch: Path | None = None
    refresh_days: Days = 30
    retry_lacking_days: Days = 7
    recheck_links_days: Days = 7
    timeout: Annotated[float, Field(strict=True, gt=0, le=600, allow_inf_nan=False)] = 20
    tries: Annotated[int, Field(strict=True, ge=1, le=10)] = 3
    fields: tuple[Annotated[str, AfterValidator(_is_field)], ...] = FACT_FIELDS
    fragments: bool = False
    system_certificates: bool = False
    fail_on: Literal["never", "error", "warning", "new"] = "error"
    issue: Literal["catalog", "shared"] = "catalog"
    ignore: tuple[Ignore, ...] = ()
    accept: Mapping[Host, tuple[HttpStatus, ...]] = {}
    pace: Mapping[Host, HostPace] = {}
    allow_private: tuple[Annotated[str, AfterValidator(_is_place)], ...] = ()
    notify: Notify | None = None
    services: Mapping[Annotated[str, AfterValidator(_is_service)], Annotated[str, AfterValidator(_is_base)]] = {}
    snapshots: Snapshots = Snapshots()

    @property
    def wanted_fields(self) -> tuple[str, ...]:
        """The fields without which an entry of type paper is incomplete."""
        return tuple(name for name in WANTED_FIELDS if name in self.fields)


_TABLES: Mapping[str, type[_Table]] = {"ignore": Ignore, "notify": Notify, "pace": HostPace, "snapshots": Snapshots}


class Loaded(_Table):
    """The current settings, and the origin of each that differs from the default.

    `is_trusted` is false if a settings file was merely found: a stranger may have written it.
    """

    settings: Settings
    origins: Mapping[str, str]
    is_trusted: bool = True
    trusts_services: bool = True

    def base(self, service: str, default: str) -> str:
        """Return the base URL of a service, without a slash at its end."""
        return self.settings.services.get(service, default).rstrip("/")


def load(config: Path | None, folder: Path, environment: Mapping[str, str]) -> Loaded:
    """Return the settings of a run in `folder`: from `config`, else from enrich.toml or pyproject.toml there.

    Paths in a file are relative to its folder. A stranger may have written the folder's file, in a cloned repository or
    a pull request: it can neither allow private addresses, send findings elsewhere, nor name paths outside its folder,
    and `trusts_services` is false where it sets base URLs, so that it sends no keys elsewhere. One that is named with
    `config` is trusted.

    Raises:
        SettingsError: The file cannot be read, is not TOML, or holds a setting that is unknown, invalid or
            not allowed there; or a variable does.
    """
    path, given, lines = _read(config, folder)
    table, origins = dict(given), dict.fromkeys(given, str(path))
    for names in _PATHS:
        if path and isinstance(value := _value(table, names), str):
            _set(table, names, path.parent / _expanded(value, f"{path}: {'.'.join(names)}"))
    named = dict(table)
    for name, variable in _ENVIRONMENT.items():
        if value := environment.get(variable, "").strip():
            table[name], origins[name] = {"url": value} if name == "notify" else value, variable
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        raise SettingsError(
            "\n".join(_complaint(details, origins, path, lines) for details in error.errors())
        ) from None
    if path and config is None:
        _check_found(named, path, lines)
    trusted = config is not None or path is None
    return Loaded(
        settings=settings,
        origins=origins,
        is_trusted=trusted,
        trusts_services=trusted or "services" not in table,
    )


def is_configured(folder: Path) -> bool:
    """Whether a settings file is in a folder.

    Raises:
        SettingsError: It cannot be read.
    """
    return _read(None, folder)[0] is not None


def vantage(environment: Mapping[str, str]) -> str:
    """Return the name of the network of a run: ENRICH_VANTAGE, else `ci` or `local`.

    It cannot be set in a file, as the file travels with the repository from one network to the other.

    Raises:
        SettingsError: the name has characters that cannot be shown.
    """
    name = environment.get(_VANTAGE, "").strip().lower()
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,39}", name):
        raise SettingsError(f"{_VANTAGE}: must be at most 40 letters, digits, dots, dashes or underscores")
    return name or ("ci" if is_ci(environment) else "local")


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether this process runs in continuous integration."""
    return environment.get(_CI, "").lower() not in ("", "0", "false")


def _value(table: Mapping[str, object], names: Sequence[str]) -> object:
    value: object = table
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _set(table: dict[str, object], names: Sequence[str], value: Path) -> None:
    """Set a value in a table, or in a copy of a nested table."""
    first, *rest = names
    inner = table.get(first)
    table[first] = {**inner, rest[0]: value} if rest and isinstance(inner, Mapping) else value


def _expanded(value: str, where: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise SettingsError(f"{where}: {value!r} has no home directory; write the full path") from None


def _check_found(table: Mapping[str, object], path: Path, lines: Mapping[KeyPath, int]) -> None:
    """Reject what a settings file of a stranger must not set.

    Raises:
        SettingsError: it opens private addresses, sends findings elsewhere, or names a path outside its folder.
    """
    paths = ((names, place) for names in _PATHS if isinstance(place := _value(table, names), Path))
    outside = [names for names, place in paths if not _is_inside(place, path)]
    for names in [*outside, *((name,) for name in _OWN_ONLY if table.get(name))]:
        name = ".".join(names)
        what = _OWN_ONLY.get(name, "name a path outside its folder")
        line = setting_line(lines, tuple(names))
        raise SettingsError(
            f"{path}{f':{line}' if line else ''}: {name}: a settings file not named by --config must not {what}; "
            f"if you trust it, pass `--config {path}`"
        )


def _is_inside(place: Path, file: Path) -> bool:
    """Whether a path leads into the folder of a settings file; not into `.git`, which may hold hooks."""
    try:
        inside = place.resolve().relative_to(file.parent.resolve())
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        return False
    return ".git" not in (part.lower() for part in inside.parts)


def keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the keys in the environment, by variable; surrounding white space is dropped.

    Raises:
        SettingsError: A key holds what no header can carry.
    """
    found = {name: value.strip() for name in KEY_VARIABLES if (value := environment.get(name, "")).strip()}
    for name, value in found.items():
        if not re.fullmatch(r"[!-~]+", value):
            raise SettingsError(f"{name}: holds spaces or characters that no key has; copy the key again")
    return found


def _complaint(
    details: Mapping[str, object], origins: Mapping[str, str], path: Path | None, lines: Mapping[KeyPath, int]
) -> str:
    where = details["loc"]
    first, *rest = where if isinstance(where, tuple) else (where,)
    # Pydantic adds a part to a mapping's path that distinguishes keys from values.
    rest = rest[:-1] if rest[-1:] == ["[key]"] else rest
    name = str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
    message = worded(details)
    if first == "contact":
        message = "must be an e-mail address"
    if details["type"] == "extra_forbidden":
        tables: Mapping[str, type[_Table]] = _TABLES if rest else {}
        known = tables.get(str(first), Settings).model_fields
        message = f"unknown setting; {hint(str(rest[-1] if rest else first), known)}"
    elif details["type"] in ("model_type", "missing") and first == "ignore":
        message = "each `ignore` needs a `pattern` and a `reason`"
    origin = origins.get(str(first), "settings")
    if path and origin == str(path) and (line := setting_line(lines, (str(first), *rest))):
        origin = f"{origin}:{line}"
    return f"{origin}: {name}: {message}"


def file_in_force(config: Path | None, folder: Path) -> Path | None:
    """Return the settings file of a run in `folder`, None without one.

    Raises:
        SettingsError: The file cannot be read.
    """
    return _read(config, folder)[0]


def _read(config: Path | None, folder: Path) -> tuple[Path | None, Mapping[str, object], Mapping[KeyPath, int]]:
    """Return the file, its settings, and their lines."""
    candidates = [config] if config else [folder / "enrich.toml", folder / "pyproject.toml"]
    for path in candidates:
        try:
            # Editors on Windows write a byte order mark first.
            text = path.read_text(encoding="utf-8-sig")
            with CpuLimit(_SECONDS):  # tomllib takes quadratic time over a key of many parts
                data, lines = tomllib.loads(text), setting_lines(text)
        except FileNotFoundError:
            if config:
                raise SettingsError(f"{path}: file not found; choose an existing one with --config") from None
            continue
        except RecursionError:
            raise SettingsError(f"{path}: nested too deep; settings are flat tables") from None
        except OutOfTimeError:
            raise SettingsError(f"{path}: takes too long to read; shorten its longest keys") from None
        except (OSError, ValueError) as error:  # ValueError is raised for a number of 5,000 digits
            raise SettingsError(f"{path}: cannot be read as TOML: {error}") from None
        if path.name == "pyproject.toml":
            tool = data.get("tool")
            data = tool.get("enrich", {}) if isinstance(tool, dict) else {}
            if not isinstance(data, dict):
                raise SettingsError(f"{path}: [tool.enrich] must be a table")
            if not data:
                continue
            lines = {keys[2:]: line for keys, line in lines.items() if keys[:2] == ("tool", "enrich")}
        return path, data, lines
    return None, {}, {}
