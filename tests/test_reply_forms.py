"""Replies as real servers send them, over real sockets, through the command: with its head, the page is there."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.web.http11.framing import Framing, framing_of
from enrich.web.http11.head import END_OF_HEAD, read_head
from tests.fakes import read_request
from tests.leaping import Serve, leaping
from tests.loopback import Bench
from tests.proxies import ProxyServer
from tests.reply_forms import FORMS, PLAIN, Form

SETTINGS = """
allow_private = ["127.0.0.1"]
tries = 1
timeout = 2

[pace."127.0.0.1"]
concurrency = 12
"""

PAGE = Form("page", PLAIN, "200", end="open")


def serving(forms: tuple[Form, ...], port: int) -> Serve:
    """Send each form's bytes to whoever asks for its name, and end the connection as the form says."""
    by_path = {f"/{form.name}": form for form in forms}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = "open"
        while end == "open":
            head, _ = await read_request(reader)
            path, _, query = head.split(b" ")[1].decode().partition("?")
            form = PAGE if query else by_path.get(path, PAGE)
            writer.write(form.reply.replace(b"{host}", b"127.0.0.1:%d" % port))
            await writer.drain()
            end = form.end
        if end == "reset":
            await asyncio.sleep(0.05)  # or the reset overtakes what was sent
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()
        await writer.wait_closed()

    return serve


@pytest.fixture(scope="module", params=["directly", "through a proxy"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """The verdict on each form and the words for it, by its name: one run of the command over all."""
    bench = Bench.at(tmp_path_factory.mktemp("forms") / "here")
    bench.folder.mkdir()
    bench.write("enrich.toml", SETTINGS)
    with socket.create_server(("127.0.0.1", 0)) as origin, socket.create_server(("127.0.0.1", 0)) as way:
        port, proxy = origin.getsockname()[1], ProxyServer(port=way.getsockname()[1])
        bench.environment |= proxy.environment() if request.param == "through a proxy" else {}
        bench.write("urls.txt", "".join(f"http://127.0.0.1:{port}/{form.name}\n" for form in FORMS))
        with leaping({origin: serving(FORMS, port), way: proxy.serve}):
            links = bench.call("check", "urls.txt", "--format", "json").report["links"]
    assert isinstance(links, list)
    return {link["url"].rpartition("/")[2]: (link["verdict"], link["evidence"][-1]["saw"]) for link in links}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_verdict_on_a_form(seen: dict[str, tuple[str, str]], form: Form) -> None:
    verdict, saw = seen[form.name]
    assert verdict == form.verdict, saw
    if form.verdict == "ok" and form.title:
        assert saw == "A page"


def test_what_curl_shows_is_not_suspect() -> None:
    assert len(FORMS) == len({form.name for form in FORMS}) >= 120
    shown = {form.name for form in FORMS if form.curl == "200" and form.verdict == "suspect"}
    # Two targets: curl follows the first, Chrome shows an error page (ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION).
    assert shown == {"to-two"}


def body_of(framing: Framing, pieces: list[bytes]) -> tuple[bytes, bool, str | None]:
    given_back = b"".join(framing.feed(piece) for piece in pieces if not framing.complete)
    return given_back, framing.complete, framing.damage


@given(st.sampled_from(FORMS), st.lists(st.integers(0, 700), max_size=8))
def test_a_body_is_the_same_wherever_its_bytes_are_cut(form: Form, cuts: list[int]) -> None:
    end = END_OF_HEAD.search(form.reply)
    if end is None or not form.reply.startswith(b"HTTP/1.1 200 "):
        return
    head, sent = read_head(form.reply[: end.start()], bodiless=False), form.reply[end.end() :]
    places = [0, *sorted(cut for cut in cuts if cut < len(sent)), len(sent)]
    pieces = [sent[start:stop] for start, stop in itertools.pairwise(places) if start < stop]
    assert body_of(framing_of(head), pieces) == body_of(framing_of(head), [sent])


@given(st.binary(max_size=300))
def test_any_bytes_have_a_head_or_none(raw: bytes) -> None:
    head = read_head(b"HTTP/1.1 200 OK\r\n" + raw, bodiless=False)
    for name, value in head.headers:
        assert name.decode("ascii").isprintable()
        assert not any(byte < 32 and byte != 9 for byte in value)
    if head.stays:
        assert head.chunked or head.length is not None


@given(st.binary(max_size=300))
def test_what_is_announced_in_chunks_is_never_lost_before_the_first(raw: bytes) -> None:
    head = read_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", bodiless=False)
    framing = framing_of(head)
    assert framing.feed(b"<p>" + raw) == b"<p>" + raw
    assert framing.damage
