"""The head of an HTTP/1 reply, parsed as in browsers and curl: malformed lines are dropped, not rejected. Pure.

Parsers for servers, such as Node's llhttp and h11, reject a reply for one malformed line. That protects a proxy, which
has to pass on what it read; a client that reads one reply can ignore the line and close the connection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

LONGEST_HEAD = 256 * 1024
"""Bytes; Chrome's limit (net/http/http_stream_parser.h), curl's is 300 KB."""

END_OF_HEAD = re.compile(rb"\n\r?\n")
"""The empty line; the carriage return before a line feed may be missing (RFC 9112, section 2.2)."""

_STATUS = re.compile(rb"HTTP(?:/(\d{1,3})(?:\.(\d{1,3}))?)?[ \t]+([1-9]\d\d)(?![^ \t\r\n])", re.IGNORECASE)
_FOLD = re.compile(rb"\n[ \t]+")
_FIELD = re.compile(rb"^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*+:[ \t]*+(.*)$", re.MULTILINE)
_BLANK_BEFORE_COLON = re.compile(rb"^[^:\n]*[ \t]:", re.MULTILINE)
_LENGTH = re.compile(rb"\d{1,18}")
# Control characters become spaces; a tab is one already.
_BLANKED = bytes.maketrans(bytes([*range(9), *range(11, 32), 127]), b" " * 31)
_NO_BODY = frozenset({204, 304})


class NotHttpError(ValueError):
    """The data does not begin like an HTTP reply."""


class Head(NamedTuple):
    """Status and header lines of a reply, and how its body is delimited.

    `length` is the number of its bytes, None if it is `chunked` or ends with the connection; of several lengths it is
    the smallest. `stays`: another reply may follow on the connection, as the server allows it and the end of this one
    is certain. `doubt` says in words why a body cannot be trusted to be complete.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    length: int | None
    chunked: bool
    stays: bool
    doubt: str | None


def read_head(text: bytes, *, bodiless: bool) -> Head:
    """Read the lines up to the empty line, without it; `bodiless`: no body follows, regardless of the headers.

    Raises:
        NotHttpError: When they do not begin with a status line.
    """
    line = _STATUS.match(text)
    if line is None:
        raise NotHttpError("no status line")
    headers, sound = _fields(text)
    stated: list[bytes] = []
    codings: list[bytes] = []
    wishes: list[bytes] = []
    lists = {b"content-length": stated, b"transfer-encoding": codings, b"connection": wishes}
    for name, value in headers:
        if (items := lists.get(name.lower())) is not None:
            items += [item.strip() for item in value.lower().split(b",")]
    status, stays = int(line[3]), sound and _stays(line, wishes)
    if bodiless or status < 200 or status in _NO_BODY:
        return Head(status, headers, 0, chunked=False, stays=stays, doubt=None)
    codings = [coding for coding in codings if coding not in (b"", b"identity")]
    if codings:  # a length beside them does not count (RFC 9112, section 6.3)
        chunked = codings[-1] == b"chunked"
        return Head(status, headers, None, chunked, stays=stays and chunked and not stated, doubt=None)
    lengths = {int(item) for item in stated if _LENGTH.fullmatch(item)}
    doubt = "conflicting Content-Length headers" if len(lengths) > 1 else None
    delimited = len(stated) == len(lengths) == 1
    return Head(status, headers, min(lengths, default=None), chunked=False, stays=stays and delimited, doubt=doubt)


def text_fields(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Return header lines as text, with names in lower case: UTF-8 if all of them are, else Latin-1."""
    try:
        return [(name.decode().lower(), value.decode()) for name, value in headers]
    except UnicodeDecodeError:
        return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]


def _fields(text: bytes) -> tuple[list[tuple[bytes, bytes]], bool]:
    """Return the valid header lines, and whether all are valid."""
    text = text.replace(b"\r\n", b"\n").removesuffix(b"\r")
    clean = text.translate(_BLANKED)
    sound = clean == text
    if b"\n " in clean or b"\n\t" in clean:
        clean, sound = _FOLD.sub(b" ", clean), False
    headers: list[tuple[bytes, bytes]] = _FIELD.findall(clean)
    if b" \n" in clean or b"\t\n" in clean or clean.endswith((b" ", b"\t")):
        headers = [(name, value.rstrip()) for name, value in headers]
    if b" :" in clean or b"\t:" in clean:
        sound = sound and not _BLANK_BEFORE_COLON.search(clean)
    return headers, sound and len(headers) == clean.count(b"\n")


def _stays(line: re.Match[bytes], wishes: list[bytes]) -> bool:
    if not line[0].startswith(b"HTTP/1.") or b"close" in wishes:
        return False
    return line[2] == b"1" or b"keep-alive" in wishes
