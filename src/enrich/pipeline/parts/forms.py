"""The messages between coordinator and workers, as JSON: parts, orders, receipts; checked when read."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from enrich.model import EnrichError, LinkCheck
from enrich.pipeline.pages import LookSettings, Seen, ToLook, Trail
from enrich.settings import Loaded, Settings
from enrich.text.urls import LONGEST_URL
from enrich.web import HostState, Step, registrable_domain
from enrich.web.host_states import FOR_THE_RUN

T = TypeVar("T")

LONGEST = 1_000_000_000
"""Maximum bytes of a part or receipt."""

_LONGEST_TIMEOUT = 600.0  # seconds, as in the settings
_MOST_LOOKS = 10  # at a link: more than there are
_MOST_STEPS = 1_000  # of a look: more requests than are made for one
_MOST = 1e9  # of what is counted at a host, and of seconds

_Count = Annotated[int, Field(ge=0, le=10**12)]
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]

# The settings that a worker needs. Keys are not settings; paths belong to this machine.
_FOR_WORKERS = {
    "contact",
    "timeout",
    "tries",
    "fragments",
    "system_certificates",
    "accept",
    "pace",
    "allow_private",
    "services",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Links for one worker; all links of a host are in the same part.

    `run` identifies the run of the part: what a worker kept of another run does not count.
    """

    form: Literal["enrich part 1"]
    run: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    links: tuple[ToLook, ...]
    settings: LookSettings


@dataclass(frozen=True, slots=True)
class Order:
    """How a worker looks at a part.

    Attributes:
        loaded: The settings of the network, without keys and paths.
        seconds: After which nothing more is asked; None: never.
        folder: Where the worker keeps what it has seen; None: in the cache of its user.
        hosts: What other workers have learned of the hosts.
        is_connected: Whether this worker is known to have a network.
    """

    loaded: Loaded
    seconds: float | None = None
    folder: str | None = None
    hosts: Mapping[str, HostState] = field(default_factory=dict)
    is_connected: bool = False


@dataclass(frozen=True, slots=True)
class SeenLink:
    """What was seen of the link with this key (`LookKeys`)."""

    key: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a worker has seen of a part, and of the network.

    Attributes:
        at: When it ended (UTC, ISO 8601).
        rows: What was seen of the links.
        requests: How many requests were sent, by host.
        answer_times: How many were answered, and the seconds that took in all, by host.
        hosts: The state of hosts that failed or rejected requests.
        offline: Why nothing more could be asked: the worker has no network, or lost it.
        stopped: Why it ended early.
    """

    form: Literal["enrich receipt 1"]
    at: str
    rows: tuple[SeenLink, ...]
    requests: Mapping[str, _Count] = field(default_factory=dict)
    answer_times: Mapping[str, tuple[_Count, _Seconds]] = field(default_factory=dict)
    hosts: Mapping[str, HostState] = field(default_factory=dict)
    offline: str | None = None
    stopped: str | None = None

    def hosts_of(self, domains: Collection[str]) -> dict[str, HostState]:
        """Return what it says about the hosts of some domains: a worker needs no others."""
        return {host: state for host, state in self.hosts.items() if registrable_domain(host) in domains}


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def prepare() -> None:
    """Create what is otherwise created when a form is first used."""
    for form in (Part, Order, Receipt, SeenLink, ToLook, LookSettings):
        _adapter(form)


def write_part(part: Part) -> str:
    """Return a part as JSON."""
    return _text(part)


def read_part(text: str | bytes, name: str = "part") -> Part:
    """Read a part.

    Raises:
        EnrichError: It is not a part.
    """
    return _read(Part, text, name, _is_sound_part)


def write_order(order: Order) -> str:
    """Return an order as JSON, with only the settings that a worker needs."""
    chosen = order.loaded.settings.model_dump(include=_FOR_WORKERS)
    loaded = order.loaded.model_copy(update={"settings": Settings.model_validate(chosen), "origins": {}})
    return _text(replace(order, loaded=loaded))


def read_order(text: str) -> Order:
    """Read an order.

    Raises:
        EnrichError: It is not an order.
    """
    return _read(Order, text, "order", lambda _: True)


def write_receipt(receipt: Receipt) -> str:
    """Return a receipt as JSON."""
    return _text(receipt)


def receipt_around(rows: Iterable[str], receipt: Receipt) -> str:
    """Return a receipt without rows as JSON, with these rows, which are JSON already."""
    return _text(receipt).replace('"rows":[]', f'"rows":[{",".join(rows)}]', 1)


def read_receipt(text: str | bytes, name: str = "receipt") -> Receipt:
    """Read a receipt.

    Raises:
        EnrichError: It is not a receipt.
    """
    return _read(Receipt, text, name, _is_sound_receipt)


def write_row(row: SeenLink) -> str:
    """Return a row as one line of JSON."""
    return _text(row)


def read_row(line: bytes) -> SeenLink | None:
    """Read a row; None if the line is not one."""
    try:
        row = _adapter(SeenLink).validate_json(line)
    except ValidationError:
        return None
    return row if _is_sound(row.seen) else None


class LookKeys:
    """Keys of looks: equal looks, with equal settings, have equal keys."""

    def __init__(self, settings: LookSettings) -> None:
        # The order in which pages are asked changes nothing about them.
        plain = replace(settings, postponed_hosts=frozenset(), others_wait=False)
        self._seed = hashlib.sha256(_text(plain).encode())

    def __call__(self, link: ToLook) -> str:
        """Return the key of a look, which stays the same wherever it continues."""
        seed = self._seed.copy()
        seed.update(_text(replace(link, trail=None) if link.trail else link).encode("utf-8", "surrogatepass"))
        return seed.hexdigest()[:24]


def digest_of(run: str, links: Iterable[ToLook], key_of: Callable[[ToLook], str]) -> str:
    """Return what a part of a run is known by: the same links further on, after redirects, are another part."""
    digest = hashlib.sha256(run.encode())
    for link in links:
        number, steps = progress_of(link)
        digest.update(f"{key_of(link)} {number} {steps}\n".encode())
    return digest.hexdigest()[:24]


def progress_of(link: ToLook) -> tuple[int, int]:
    """Return how far other workers have come with a look: its number, and the requests that were made for it."""
    return (link.trail.number, len(link.trail.steps)) if link.trail else (0, 0)


def is_settled(seen: Seen) -> bool:
    """Whether a later run need not look at the link again."""
    return not seen.is_postponed and seen.failure not in ("offline", "stopped", "files")


def is_answered(seen: Seen) -> bool:
    """Whether the last request was answered: a worker that lost its network later had one then."""
    return is_settled(seen) and seen.failure is None


def _adapter(form: type[T]) -> TypeAdapter[T]:
    # Created when needed: creating all takes a tenth of the start of a command.
    if form not in _ADAPTERS:
        _ADAPTERS[form] = TypeAdapter(form)
    return _ADAPTERS[form]


def _text(value: object) -> str:
    return _adapter(type(value)).dump_json(value, exclude_defaults=True).decode()


def _read(form: type[T], text: str | bytes, name: str, is_sound: Callable[[T], bool]) -> T:
    try:
        value = _adapter(form).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = [".".join(map(str, first["loc"]))] if first["loc"] else []
        raise EnrichError(_refusal(form, name, ": ".join([*where, first["msg"]]))) from None
    if not is_sound(value):
        raise EnrichError(_refusal(form, name, "not valid: a web address, a number, or a link that is in it twice"))
    return value


_KINDS: Mapping[object, tuple[str, str]] = {
    Part: ("a part", "run `enrich plan` again"),
    Order: ("an order", "use the same version on all workers"),
    Receipt: ("a receipt", "run `enrich look` again"),
}


def _refusal(form: object, name: str, why: str) -> str:
    what, advice = _KINDS[form]
    return f"{name}: not {what} of this version of enrich ({why}); {advice}"


def _is_sound_part(part: Part) -> bool:
    is_timely = 0 < part.settings.timeout <= _LONGEST_TIMEOUT
    is_once = len({each.url for each in part.links}) == len(part.links)
    return is_timely and is_once and all(map(_is_sound_link, part.links))


def _is_sound_receipt(receipt: Receipt) -> bool:
    return all(_is_sound(row.seen) for row in receipt.rows) and all(map(_is_sound_state, receipt.hosts.values()))


def _is_sound_state(state: HostState) -> bool:
    """Whether all numbers are such as hosts can have taught: none is negative, infinite or no number."""
    numbers = (value for name in HostState.__slots__ if isinstance(value := getattr(state, name), int | float))
    is_left_for_the_run = state.left_for == FOR_THE_RUN
    return all(0 <= value <= _MOST for value in numbers if not (is_left_for_the_run and value == FOR_THE_RUN))


def _is_sound(seen: Seen) -> bool:
    """Whether the result is about this link, and every URL in it could be a link's."""
    own = [check for check in (seen.check, seen.first) if check]
    onward = [seen.handed_over] if seen.handed_over else []
    return (
        all(check.url == seen.url for check in own)
        and all(_is_sound_check(check) for check in own)
        and all(link.url == seen.url and _is_sound_link(link) for link in onward)
    )


def _is_sound_check(check: LinkCheck) -> bool:
    addresses = (check.new_url, check.copy, check.forwarded_to)
    return all(address is None or _is_web(address) for address in addresses)


def _is_sound_link(link: ToLook) -> bool:
    known = [check for check in (link.registered, link.first) if check]
    return all(_is_sound_check(check) for check in known) and (link.trail is None or _is_sound_trail(link.trail))


def _is_sound_trail(trail: Trail) -> bool:
    is_short = 0 <= trail.number < _MOST_LOOKS and len(trail.steps) <= _MOST_STEPS
    return is_short and _is_web(trail.onward) and all(map(_is_sound_step, trail.steps))


def _is_sound_step(step: Step) -> bool:
    try:
        b64decode(step.body, validate=True)
    except ValueError:
        return False
    return step.failure is not None or 100 <= step.status <= 999


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://")) and len(url) <= LONGEST_URL
