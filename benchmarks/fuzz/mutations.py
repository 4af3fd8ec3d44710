"""Bytes to bytes that are nearly as good: cut, doubled, swapped, nested, filled with what readers stumble over."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

LARGEST = 300_000
"""Bytes; what grows beyond is cut."""

NASTY: tuple[bytes, ...] = (
    *(b"null", b"true", b"-1", b"0", b"1e999", b"NaN", b"9" * 400, b"9999-12-31", b"0000-00-00", b"{}", b"[]", b'""'),
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\r", b"\x85", b"\xe2\x80\xa8"),
    *(
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!python/object:os.system ",
        b"|+\n",
        b"? ",
        b"- ",
        b": ",
        b"#",
        b"---\n",
        b"\t",
        b"...",
    ),
    *(b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"<![CDATA[", b"<!--", b"-->", b"<script>", b"</", b"<svg>"),
    *(
        b"[",
        b"](",
        b"](javascript:x)",
        b"![",
        b"`",
        b"|",
        b"**",
        b"__",
        b"<a href='//x'>",
        b"<table>",
        b"<td>",
        b"\n\n",
    ),
    *(
        b"http://[",
        b"http://[::1",
        b"https://\xc2\xad/",
        b"https://xn--/",
        b"https://a:99999/",
        b"//",
        b"%",
        b"%00",
        b"@",
    ),
    *(
        b"\xe2\x80\xae",
        b"\xf0\x9f\x8f\xb3\xef\xb8\x8f",
        b"\xc4\xb0",
        b"\xe1\xba\x9e",
        b"\xef\xa3\xbf",
        b"\xf3\xa0\x81\x81",
    ),
    *("\u0661".encode(), "\u00b2".encode(), "\u2460".encode(), "\u0e01\u0e33".encode(), "\ufdfa".encode()),
)
"""Texts that have broken readers before."""

_WORD = re.compile(rb'"[^"\\\n]{0,200}"|[\w.-]+|<[^<>]{0,200}>|\s+')
_BRACKETS = ((b"[", b"]"), (b'{"a":', b"}"), (b"<div>", b""), (b"> ", b""), (b"- ", b""), (b"(", b")"), (b"**", b"**"))


def mutated(random: Random, seeds: Sequence[bytes]) -> bytes:
    """One to eight changes to a seed."""
    data = random.choice(seeds)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        data = random.choice(MUTATIONS)(random, data, seeds)[:LARGEST]
    return data


def _span(random: Random, data: bytes, most: int = 2_000) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.randint(0, random.choice((1, 8, 100, most))))


def _flip(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _time in range(random.randint(1, 8)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _drop(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def _cut(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _insert(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, _end = _span(random, data)
    return data[:start] + random.choice(NASTY) * random.choice((1, 1, 1, 2, 50)) + data[start:]


def _repeat(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(random, data, 200)
    return data[:start] + data[start:end] * random.choice((2, 2, 10, 1_000)) + data[end:]


def _replace_word(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    start = random.randrange(len(data) + 1)
    if not (word := _WORD.search(data, start)):
        return data
    other = _WORD.search(source := random.choice(seeds), random.randrange(len(source) + 1))
    new = random.choice((random.choice(NASTY), other[0] if other else b"", b'"' + random.choice(NASTY) + b'"'))
    return data[: word.start()] + new + data[word.end() :]


def _nest(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(random, data, 100)
    left, right = random.choice(_BRACKETS)
    depth = random.choice((1, 5, 100, 5_000))
    return data[:start] + left * depth + data[start:end] + right * depth + data[end:]


def _swap(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    first, last = _span(random, other)
    start, end = _span(random, data)
    return data[:start] + other[first:last] + data[end:]


MUTATIONS: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip,
    _drop,
    _cut,
    _insert,
    _insert,
    _repeat,
    _replace_word,
    _replace_word,
    _replace_word,
    _nest,
    _swap,
)
"""The ways of changing; those that stand twice are taken twice as often."""
