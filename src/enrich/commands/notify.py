"""`[notify]`: send new and fixed findings to a webhook, signed with HMAC-SHA256 (RFC 2104)."""

from __future__ import annotations

import hashlib
import hmac
import os
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from enrich.commands.interrupts import INTERRUPTS
from enrich.commands.jobs import run_job
from enrich.commands.terminal import say
from enrich.commands.workspace import Workspace
from enrich.model import EnrichError, Report, Unreachable
from enrich.report import notice
from enrich.report.summary import number
from enrich.settings import Settings
from enrich.web import Cache, SystemClock, Terms, Web, json_body

VARIABLE = "ENRICH_NOTIFY_SECRET"
"""The environment variable with the secret, which is never read from a file."""

_SHORTEST_SECRET = 16  # characters; `openssl rand -hex 32` gives 64
_REPLY_BYTES = 65_536
_SECONDS, _TRIES = 10.0, 3  # at most, whatever timeout the settings have for pages: the report waits for the delivery


@dataclass(frozen=True, slots=True)
class Notifier:
    """A webhook, and the secret shared with it."""

    url: str
    host: str
    secret: bytes
    settings: Settings

    @classmethod
    def of(cls, workspace: Workspace, environment: Mapping[str, str] = os.environ) -> Notifier | None:
        """Return the notifier in the settings, None without one.

        Raises:
            EnrichError: The findings would be sent without encryption.
        """
        chosen = workspace.loaded.settings
        if chosen.notify is None:
            return None
        url = chosen.notify.url.get_secret_value()
        host = urlsplit(url).hostname or ""
        if not url.lower().startswith("https:") and host not in chosen.allow_private:
            raise EnrichError("notify.url: must be an https URL, unless `allow_private` has its host")
        return cls(url, host, environment.get(VARIABLE, "").strip().encode(), chosen)

    def deliver(self, arguments: Namespace, reports: Sequence[Report]) -> list[Report]:
        """Send new and fixed findings; if that fails, the first report gets a note."""
        payload = notice.notice(reports)
        if payload is None:
            return list(reports)
        failure = self._objection(arguments) or self._failure(payload)
        new, fixed = notice.changes(reports)
        if failure is None:
            say(arguments, f"notified {self.host}: {new} new, {fixed} fixed")
            return list(reports)
        lost = f"{number(new, 'new finding')} and {fixed} fixed not delivered"
        note = f"notify: {self.host}: {failure}; {lost}"
        say(arguments, note)
        first, *others = reports
        return [replace(first, notes=(*first.notes, note)), *others]

    def _objection(self, arguments: Namespace) -> str | None:
        """Return why nothing is sent, None if it can be sent."""
        return "offline mode" if arguments.offline else self.missing_secret

    @property
    def missing_secret(self) -> str | None:
        """Why nothing can be signed, None if it can: the secret is missing or too short."""
        if len(self.secret) >= _SHORTEST_SECRET:
            return None
        return f"{VARIABLE} must have at least {_SHORTEST_SECRET} characters; `openssl rand -hex 32` makes one"

    def _failure(self, payload: object) -> str | None:
        """Return why the payload could not be delivered; a signal ends that, as the report has to be written."""
        try:
            with INTERRUPTS.ending():
                return run_job(self._post(payload))
        except KeyboardInterrupt:
            return "interrupted"

    async def _post(self, payload: object) -> str | None:
        """Send the payload and return what went wrong, None if nothing did."""
        clock = SystemClock()
        body = json_body(payload)
        headers = signature(self.secret, body, int(clock.now().timestamp()))
        chosen = self.settings
        async with Web(
            cache=Cache(None, clock),
            clock=clock,
            contact=chosen.contact,
            allow_private=chosen.allow_private,
            timeout=min(chosen.timeout, _SECONDS),
            tries=min(chosen.tries, _TRIES),
            system_certificates=chosen.system_certificates,
        ) as web:
            try:
                # A redirect could take the findings elsewhere.
                terms = Terms(follow=0, limit=_REPLY_BYTES)
                reply = await web.fetch(self.url, terms, method="POST", json=payload, headers=headers)
            except Unreachable as failure:
                return str(failure).removeprefix(f"{self.host}: ")
        return None if 200 <= reply.status < 300 else f"HTTP status {reply.status}"


def signature(secret: bytes, body: bytes, at: int) -> dict[str, str]:
    """Return the headers that prove who sent a body and when.

    Args:
        secret: What both sides know.
        body: The body as it is sent.
        at: Seconds since 1970. It is signed as well, so that a recorded delivery is of no use later.
    """
    signed = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Enrich-Timestamp": str(at),
        "X-Enrich-Signature-256": f"sha256={signed}",
        "X-Enrich-Delivery": hashlib.sha256(body).hexdigest()[:32],
    }
