"""Forms in which servers reply, the very bytes, with what curl makes of each and what enrich must.

The column of curl is measured: `curl -s -L --compressed -m 2 -w '%{http_code}'` of 7.88, with the exit code where
it is not 0: 18 a part of the body is missing, 28 time is up, 56 the connection or the chunks are damaged, 61 the
encoding is bad, 8 the head is. A status means that the status line was read.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import Literal

from enrich.model import Verdict

OK, SUSPECT, BROKEN, BLOCKED = Verdict.OK, Verdict.SUSPECT, Verdict.BROKEN, Verdict.BLOCKED

HTML = b"<!DOCTYPE html><html><head><title>A page</title></head><body>" + b"words " * 30 + b"</body></html>"
SIZE = b"Content-Length: %d" % len(HTML)
CHUNKED = b"Transfer-Encoding: chunked"
PACKED = gzip.compress(HTML, mtime=0)
ZIPPED = b"Content-Encoding: gzip"
ONE_CHUNK = b"%x\r\n%s\r\n" % (len(HTML), HTML)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + SIZE + b"\r\n\r\n" + HTML

End = Literal["close", "open", "reset"]


@dataclass(frozen=True, slots=True)
class Form:
    """One reply: what the server sends and how it ends, what curl says, the verdict, and whether the title is read."""

    name: str
    reply: bytes
    curl: str
    verdict: Verdict = OK
    end: End = "close"
    title: bool = True


def _of(*lines: bytes, body: bytes = HTML, first: bytes = b"HTTP/1.1 200 OK", eol: bytes = b"\r\n") -> bytes:
    return eol.join([first, b"Content-Type: text/html", *lines, b"", b""]) + body


def _sized(*lines: bytes, first: bytes = b"HTTP/1.1 200 OK", eol: bytes = b"\r\n") -> bytes:
    return _of(*lines, SIZE, first=first, eol=eol)


def _packed(body: bytes, *lines: bytes) -> bytes:
    return _of(*(lines or (ZIPPED,)), b"Content-Length: %d" % len(body), body=body)


def _to(*locations: bytes, status: bytes = b"302 Found", more: tuple[bytes, ...] = (b"Content-Length: 0",)) -> bytes:
    lines = [b"HTTP/1.1 " + status, *(b"Location: " + location for location in locations), *more, b"", b""]
    return b"\r\n".join(lines)


_BAD_SUM = PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:]
_CUT_DEFLATE = zlib.compress(HTML)[:-5]

HEADS = (
    Form("plain", PLAIN, "200"),
    Form("plain-open", PLAIN, "200", end="open"),
    Form("http-1.0", _of(first=b"HTTP/1.0 200 OK"), "200"),
    Form("http-0.9", HTML, "000 1", SUSPECT),
    Form("line-feeds-only", _sized(eol=b"\n"), "200"),
    Form("no-reason", _sized(first=b"HTTP/1.1 200"), "200"),
    Form("no-reason-blank", _sized(first=b"HTTP/1.1 200 "), "200"),
    Form("reason-latin-1", _sized(first=b"HTTP/1.1 200 D\xe9j\xe0"), "200"),
    Form("reason-control", _sized(first=b"HTTP/1.1 200 O\x01K"), "200"),
    Form("two-blanks", _sized(first=b"HTTP/1.1  200 OK"), "200"),
    Form("tab-in-status-line", _sized(first=b"HTTP/1.1\t200 OK"), "000 1"),
    Form("version-2", _sized(first=b"HTTP/2 200 OK"), "200"),
    Form("version-2.0", _sized(first=b"HTTP/2.0 200 OK"), "200"),
    Form("version-1.2", _sized(first=b"HTTP/1.2 200 OK"), "000 1"),
    Form("version-3", _sized(first=b"HTTP/3 200 OK"), "000 1"),
    Form("version-lower-case", _sized(first=b"http/1.1 200 OK"), "200"),
    Form("version-missing", _sized(first=b"HTTP 200 OK"), "000 1"),
    Form("status-of-four-digits", _sized(first=b"HTTP/1.1 2000 OK"), "000 1", SUSPECT),
    Form("status-of-two-digits", _sized(first=b"HTTP/1.1 20 OK"), "000 1", SUSPECT),
    Form("no-status", _sized(first=b"HTTP/1.1 OK"), "000 1", SUSPECT),
    Form("another-protocol", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "000 1", SUSPECT),
    Form("empty-line-first", b"\r\n" + _sized(), "000 1"),
    Form("early-hints", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + _sized(), "200"),
    Form("continue-twice", b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + _sized(), "200"),
    Form("switching-protocols", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n" + _sized(), "101", SUSPECT),
    Form("folded", _sized(b"X-Long: first", b" second"), "200"),
    Form("folded-by-tab", _sized(b"X-Long: first", b"\tsecond", b"\tthird"), "200"),
    Form("folded-first-line", b"HTTP/1.1 200 OK\r\n X: y\r\n" + SIZE + b"\r\n\r\n" + HTML, "200 43"),
    Form("folded-length", _of(b"Content-Length:", b" %d" % len(HTML)), "200 8"),
    Form("control-byte", _sized(b"X-Test: a\x01b"), "200"),
    Form("delete-byte", _sized(b"X-Test: a\x7fb"), "200"),
    Form("vertical-tab", _sized(b"X-Test: a\x0bb"), "200"),
    Form("bare-return", _sized(b"X-Test: a\rb"), "200"),
    Form("nul-byte", _sized(b"X-Test: a\0b"), "200 8"),
    Form("latin-1-value", _sized(b"X-Test: caf\xe9"), "200"),
    Form("no-colon", _sized(b"garbage line"), "200 8"),
    Form("no-colon-first", b"HTTP/1.1 200 OK\r\ngarbage\r\n" + SIZE + b"\r\n\r\n" + HTML, "200 8"),
    Form("blank-before-colon", _sized(b"X-Powered-By : PHP/5.2"), "200"),
    Form("blank-before-colon-of-length", _of(b"Content-Length : %d" % len(HTML)), "200 28", end="open"),
    Form("tab-before-colon", _sized(b"X-Powered-By\t: PHP/5.2"), "200"),
    Form("empty-name", _sized(b": value"), "200"),
    Form("blank-in-name", _sized(b"Some Header: x"), "200"),
    Form("name-outside-ascii", _sized(b"X-H\xe9ader: x"), "200"),
    Form("name-in-brackets", _sized(b"<X>: x"), "200"),
    Form("empty-value", _sized(b"X-Empty:"), "200"),
    Form("no-blank-behind-colon", _of(b"Content-Length:%d" % len(HTML)), "200"),
    Form("two-statuses", _sized(b"HTTP/1.1 200 OK"), "200 8"),
    Form("many-lines", _sized(*(b"X-%d: y" % n for n in range(300))), "200"),
    Form("long-line", _sized(b"X-Long: " + b"y" * 60_000), "200"),
    Form("too-long", _sized(b"X-Long: " + b"y" * 400_000), "200 27", SUSPECT),
    Form("head-cut", b"HTTP/1.1 200 OK\r\nContent-Type: text/ht", "200", title=False),
    Form("nothing", b"", "000 52", SUSPECT),
    Form("nothing-reset", b"", "000 56", SUSPECT, end="reset"),
)

LENGTHS = (
    Form("length-twice", _sized(SIZE), "200"),
    Form("length-twice-open", _sized(SIZE), "200", end="open"),
    Form("length-list", _of(b"%s, %d" % (SIZE, len(HTML))), "200"),
    Form("lengths-differ", _sized(b"Content-Length: 90"), "200"),
    Form("length-empty", _of(b"Content-Length:"), "200 8"),
    Form("length-negative", _of(b"Content-Length: -1"), "200 8"),
    Form("length-with-plus", _of(b"Content-Length: +%d" % len(HTML)), "200"),
    Form("length-in-words", _of(b"Content-Length: unknown"), "200 8"),
    Form("length-with-unit", _of(b"%s bytes" % SIZE), "200"),
    Form("length-huge", _of(b"Content-Length: " + b"9" * 40), "200"),
    Form("length-leading-zeros", _of(b"Content-Length: 000%d" % len(HTML)), "200", end="open"),
    Form("length-too-short", _of(b"Content-Length: 90"), "200"),
    Form("length-too-short-open", _of(b"Content-Length: 90"), "200", end="open"),
    Form("short-body", _of(b"Content-Length: 99999"), "200 18"),
    Form("short-body-stalled", _of(b"Content-Length: 99999"), "200 28", end="open"),
    Form("short-body-reset", _of(b"Content-Length: 99999"), "200 56", end="reset"),
    Form("no-body-reset", _of(b"Content-Length: 99999", body=b""), "200 56", end="reset", title=False),
    Form("no-body-stalled", _of(b"Content-Length: 99999", body=b""), "200 28", end="open", title=False),
    Form("no-length", _of(), "200"),
    Form("no-length-reset", _of(), "200 56", end="reset"),
    Form("no-length-stalled", _of(), "200 28", end="open"),
    Form("no-length-keep-alive", _of(b"Connection: keep-alive"), "200"),
    Form("reply-behind-reply", _sized() + PLAIN.replace(b"200 OK", b"500 No"), "200", end="open"),
)

CODINGS = (
    Form("chunked", _of(CHUNKED, body=ONE_CHUNK + b"0\r\n\r\n"), "200", end="open"),
    Form("chunked-capitals", _of(b"Transfer-Encoding: CHUNKED", body=ONE_CHUNK + b"0\r\n\r\n"), "200", end="open"),
    Form("chunked-twice", _of(CHUNKED, CHUNKED, body=ONE_CHUNK + b"0\r\n\r\n"), "200"),
    Form("chunked-and-length", _sized(CHUNKED).replace(HTML, ONE_CHUNK + b"0\r\n\r\n"), "200", end="open"),
    Form("chunked-http-1.0", _of(CHUNKED, body=ONE_CHUNK + b"0\r\n\r\n", first=b"HTTP/1.0 200 OK"), "200"),
    Form("no-last-chunk", _of(CHUNKED, body=ONE_CHUNK), "200 18"),
    Form("no-last-chunk-stalled", _of(CHUNKED, body=ONE_CHUNK), "200 28", end="open"),
    Form("no-last-chunk-reset", _of(CHUNKED, body=ONE_CHUNK), "200 56", end="reset"),
    Form("no-end-of-last-chunk", _of(CHUNKED, body=ONE_CHUNK + b"0\r\n"), "200 18"),
    Form("chunk-cut", _of(CHUNKED, body=ONE_CHUNK[:150]), "200 18"),
    Form("chunk-announced-not-used", _of(CHUNKED), "200 56"),
    Form("chunk-announced-not-used-length", _sized(CHUNKED), "200 56"),
    Form("chunk-bad-size", _of(CHUNKED, body=ONE_CHUNK + b"zz\r\nhello\r\n0\r\n\r\n"), "200 56"),
    Form("chunk-size-too-large", _of(CHUNKED, body=ONE_CHUNK + b"f" * 40 + b"\r\nx"), "200 56"),
    Form("chunk-empty-extension", _of(CHUNKED, body=ONE_CHUNK.replace(b"\r\n", b";\r\n", 1) + b"0;\r\n\r\n"), "200"),
    Form("chunk-extension", _of(CHUNKED, body=ONE_CHUNK.replace(b"\r\n", b" ;a=b\r\n", 1) + b"0\r\n\r\n"), "200"),
    Form("chunk-blanks-behind-size", _of(CHUNKED, body=ONE_CHUNK.replace(b"\r\n", b"  \r\n", 1) + b"0\r\n\r\n"), "200"),
    Form("chunk-leading-zeros", _of(CHUNKED, body=b"0000" + ONE_CHUNK + b"0000\r\n\r\n"), "200"),
    Form("chunk-line-feeds", _of(CHUNKED, body=ONE_CHUNK.replace(b"\r\n", b"\n") + b"0\n\n"), "200"),
    Form("chunk-without-end", _of(CHUNKED, body=ONE_CHUNK[:-2] + b"0\r\n\r\n"), "200 56"),
    Form("chunk-trailers", _of(CHUNKED, body=ONE_CHUNK + b"0\r\nX-Sum: 1\r\nbad line\r\n\r\n"), "200 43"),
    Form("identity", _sized(b"Transfer-Encoding: identity"), "200 28", end="open"),
    Form("identity-no-length", _of(b"Transfer-Encoding: identity"), "200"),
    Form("not-chunked", _of(b"Transfer-Encoding: notchunked"), "200 61"),
    Form("unknown-coding-and-length", _sized(b"Transfer-Encoding: cow"), "200 61"),
    Form(
        "gzip-then-chunked",
        _of(b"Transfer-Encoding: gzip, chunked", body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED)),
        "200",
    ),
    Form("chunked-then-deflate", _of(b"Transfer-Encoding: chunked, deflate"), "200 56"),
    Form("empty-coding", _sized(b"Transfer-Encoding:"), "200"),
    Form("gzip", _packed(PACKED), "200", end="open"),
    Form("x-gzip", _packed(PACKED, b"Content-Encoding: x-gzip"), "200"),
    Form("gzip-capitals", _packed(PACKED, b"Content-Encoding: GZIP"), "200"),
    Form("gzip-without-trailer", _packed(PACKED[:-8]), "200"),
    Form("gzip-cut-in-trailer", _packed(PACKED[:-3]), "200"),
    Form("gzip-cut", _packed(PACKED[:-30]), "200"),
    Form("gzip-bad-sum", _packed(_BAD_SUM), "200 61"),
    Form("gzip-damaged", _packed(PACKED[:-20] + b"\xff" * 20), "200"),
    Form("gzip-rubbish-behind", _packed(PACKED + b"rubbish"), "200 23"),
    Form("gzip-of-two-members", _packed(gzip.compress(HTML[:80]) + gzip.compress(HTML[80:])), "200 23"),
    Form("gzip-twice", _packed(gzip.compress(PACKED), b"Content-Encoding: gzip, gzip"), "200"),
    Form("gzip-line-twice", _packed(PACKED, ZIPPED, ZIPPED), "200 61"),
    Form("gzip-announced-not-used", _packed(HTML), "200 61"),
    Form("gzip-announced-empty", _of(ZIPPED, b"Content-Length: 0", body=b""), "200", Verdict.UNKNOWN),
    Form("deflate", _packed(zlib.compress(HTML), b"Content-Encoding: deflate"), "200"),
    Form("deflate-bare", _packed(zlib.compress(HTML)[2:-4], b"Content-Encoding: deflate"), "200"),
    Form("deflate-cut", _packed(_CUT_DEFLATE, b"Content-Encoding: deflate"), "200"),
    Form("encoding-unknown", _packed(HTML, b"Content-Encoding: utf-8"), "200 61"),
    Form("encoding-none", _packed(HTML, b"Content-Encoding: none"), "200"),
)

STATUSES = (
    Form("not-found", PLAIN.replace(b"200 OK", b"404 Not Found"), "404", BROKEN),
    Form("not-found-folded", _sized(b"X: a", b" b", first=b"HTTP/1.1 404 Not Found"), "404", BROKEN),
    Form("not-found-short-body", _of(b"Content-Length: 999", first=b"HTTP/1.1 404 Not Found"), "404 18", BROKEN),
    Form("not-found-version-2", _sized(first=b"HTTP/2 404 Not Found"), "404", BROKEN),
    Form("forbidden-bad-gzip", _packed(_BAD_SUM).replace(b"200 OK", b"403 No"), "403 61", BLOCKED),
    Form("error-no-colon", _sized(b"garbage", first=b"HTTP/1.1 500 Oops"), "500 8", SUSPECT),
    Form("partial-content", PLAIN.replace(b"200 OK", b"206 Partial Content"), "206"),
    Form("no-content-with-length", b"HTTP/1.1 204 No Content\r\n" + SIZE + b"\r\n\r\n", "204", Verdict.UNKNOWN),
)

REDIRECTS = (
    Form("to-relative", _to(b"plain"), "200"),
    Form("to-absolute-path", _to(b"/plain"), "200"),
    Form("to-scheme-relative", _to(b"//{host}/plain"), "200"),
    Form("to-three-slashes", _to(b"///{host}/plain"), "200"),
    Form("to-scheme-and-path", _to(b"http:/plain"), "302 6"),
    Form("to-scheme-and-name", _to(b"http:plain"), "302 3"),
    Form("to-upper-case", _to(b"HTTP://{host}/plain"), "200"),
    Form("to-backslash", _to(b"\\plain"), "200"),
    Form("to-backslashes", _to(b"\\\\{host}\\plain"), "200"),
    Form("to-scheme-backslashes", _to(b"http:\\\\{host}\\plain"), "302 3"),
    Form("to-tab-inside", _to(b"/pl\tain"), "302 3"),
    Form("to-blanks-around", _to(b"  /plain \t"), "200"),
    Form("to-blank-inside", _to(b"/plain?a b"), "200"),
    Form("to-quotes", _to(b"/plain?\"a\"<b>'c'"), "200"),
    Form("to-utf-8", _to("/plain?ü".encode()), "200"),
    Form("to-latin-1", _to(b"/plain?\xfc"), "200"),
    Form("to-dots", _to(b"/a/b/../../plain"), "200"),
    Form("to-encoded-dots", _to(b"/a/%2e%2E/plain"), "200"),
    Form("to-query", _to(b"?second", status=b"302 Found"), "200"),
    Form("to-colon", _to(b":plain"), "200"),
    Form("to-folded", _to(b"\r\n /plain"), "302"),
    Form("to-twice", _to(b"/plain", b"/plain"), "200"),
    Form("to-two", _to(b"/plain", b"/other"), "200", SUSPECT),
    Form("to-nowhere", _to(), "302", SUSPECT),
    Form("to-empty", _to(b""), "302", SUSPECT),
    Form("to-other-scheme", _to(b"ftp://{host}/plain"), "302 28", Verdict.SKIPPED),
    Form("to-no-length", _to(b"/plain", more=()), "302 28", end="open"),
    Form("to-no-length-close", _to(b"/plain", more=()), "200"),
    Form("to-short-body", _to(b"/plain", more=(b"Content-Length: 99",)), "302 28", end="open"),
    Form("to-bad-chunks", _to(b"/plain", more=(CHUNKED,)) + b"zz\r\n", "302 56", end="open"),
    Form("to-bad-gzip", _to(b"/plain", more=(ZIPPED, b"Content-Length: 5")) + b"words", "200", end="open"),
    Form("to-version-2", _to(b"/plain").replace(b"HTTP/1.1", b"HTTP/2"), "200"),
    Form(
        "to-no-colon-before", b"HTTP/1.1 302 Found\r\ngarbage\r\nLocation: /plain\r\nContent-Length: 0\r\n\r\n", "302 8"
    ),
    Form("see-other", _to(b"/plain", status=b"303 See Other"), "200"),
    Form("temporary", _to(b"/plain", status=b"307 Temporary Redirect"), "200"),
    Form("created-with-two", PLAIN.replace(b"200 OK\r\n", b"200 OK\r\nLocation: /a\r\nLocation: /b\r\n"), "200"),
)

FORMS = (*HEADS, *LENGTHS, *CODINGS, *STATUSES, *REDIRECTS)
