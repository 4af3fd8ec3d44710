"""Network failures, in the few kinds that matter for a verdict. Pure."""

from __future__ import annotations

import ssl
from typing import NamedTuple

from enrich.model import FailureKind
from enrich.web.http11.body import BREAKS, BrokenBodyError
from enrich.web.http11.tls import tls_error
from enrich.web.in_flight import NO_FILES, is_out_of_files
from enrich.web.wire import BadReplyError, BadRequestError, ConnectFailedError, ConnectTimeoutError

WIRE = BREAKS
"""Every exception that a transport may raise when a request fails."""


class Failure(NamedTuple):
    """The kind of a failure, in words, and whether another attempt may succeed."""

    kind: FailureKind
    words: str
    again: bool


def understand(error: BaseException) -> Failure:
    """Return the kind of an exception of `WIRE`.

    The messages are enrich's own: an exception's message could quote a header, which may contain a key.
    """
    match error:
        case BrokenBodyError():
            return Failure("protocol", str(error), again=True)
        case ConnectTimeoutError():
            return Failure("connect", "connection timed out", again=True)
        case TimeoutError():
            return Failure("timeout", "timed out", again=True)
        case BadReplyError():
            return _remote(str(error))
        case BadRequestError():
            return Failure("protocol", "not a valid HTTP request", again=False)
        case ConnectFailedError():
            return _connecting(error)
        case _:
            full = is_out_of_files(error)
            return Failure("files" if full else "reset", NO_FILES if full else "connection lost", again=True)


def _remote(text: str) -> Failure:
    # There is one exception for a server that closes early and for one that sends invalid HTTP.
    if "connection closed" in text:
        return Failure("reset", "connection closed before the response was complete", again=True)
    return Failure("protocol", "invalid HTTP response", again=True)


def _connecting(error: BaseException) -> Failure:
    match tls_error(error):
        case ssl.SSLCertVerificationError() as cause:
            detail = getattr(cause, "verify_message", None) or "not verified"
            return Failure("tls", f"invalid certificate: {detail}", again=False)
        case ssl.SSLError():
            return Failure("tls", "TLS handshake failed", again=True)
    if "TLS" in str(error):  # the connection broke during the handshake
        return Failure("tls", "TLS handshake failed", again=True)
    return Failure("connect", "no connection", again=True)
