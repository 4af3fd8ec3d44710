"""Titles as printed: in capitals, with the star of a footnote."""

from __future__ import annotations

import re

from enrich.text.folding import word_set
from enrich.text.names import LOWER_PARTICLES

_STARS = "*\u2217\u22c6"
_DAGGERS = "\u2020\u2021\u00a7\u00b6"
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['\u2019](?=[^\W\d_]))*")
_SMALL = word_set(
    "a an and as at but by for from in into nor of on onto or over per than the to under upon via vs with without"
)
_ACRONYMS = word_set(
    """ai api ar bci cad cfd cnn covid cpu ct dna ecg eeg fpga gan gis gnn gps gpu hci hiv hpc ict ieee ii iii io
        iot iv ix lidar llm ml mri nlp ocr os pde qos rna rnn sat sql ssd tcp tpu uav ui uk usa ux vi vii viii vlsi vr
        xi xii xml"""
)


def without_footnote(title: str) -> str:
    """Return the title without footnote marks at its end; A*, RRT* and Theta* are algorithms."""
    bare = title.rstrip(_STARS + _DAGGERS + " ")
    marks, end = title[len(bare) :], bare[-4:]
    if not marks.strip() or not end.strip():
        return title
    is_word = len(end) == 4 and end.isalpha() and (end[1:].islower() or end.isupper()) and end != "heta"
    apart = marks.startswith(" ") and not end[-2:].startswith(" ")
    return bare if is_word or apart or end[-1] in ")?!." or marks.strip(_STARS + " ") else title


def usual_case(title: str) -> str:
    """Return a title that is entirely in capitals in title case, with common acronyms kept; any other unchanged."""
    words = _WORD.findall(title)
    if len(words) < 3 or title != title.upper() or sum(map(len, words)) < 15:
        return title
    if not title.isascii() and title.lower().upper() != title:
        return title
    return _WORD.sub(lambda match: _usual(match[0], title[: match.start()].rstrip()), title)


def _usual(word: str, before: str) -> str:
    low = word.lower()
    begins = not before or before[-1] in ":.?!\u2014\u2013"
    if low in _ACRONYMS:
        return word
    if len(word) > 1 and (not re.search("[aeiouy]", low) or any(letter.isdigit() for letter in word)):
        return word
    return low if low in _SMALL and not begins else word[0] + low[1:]


def usual_name(name: str) -> str:
    """Return a capitalised part of a name (`VAN DER BERG`) in its usual spelling; any other unchanged."""
    if name != name.upper() or not re.search(r"[^\W\d_]{3}", name):
        return name
    return re.sub(r"[^\W\d_]+", lambda match: _of_name(match[0]), name)


def _of_name(word: str) -> str:
    low = word.lower()
    if low in LOWER_PARTICLES:
        return low
    return word if len(word) < 2 else word[0] + low[1:]
