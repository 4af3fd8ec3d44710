"""The words by which arXiv's papers say that they are withdrawn; there is no flag for it."""

from __future__ import annotations

import re

from enrich.cleaning.texts import one_line

_WORK = (
    r"(?:paper|article|manuscript|preprint|submission|work|note|letter|report|draft|document|thesis|e-?print|version)"
)
_NOT_ELSEWHERE = r"\b(?!\sfrom\s(?!(?:the\s)?arxiv|publication))(?!\s(?:arxiv\W{0,2})?\d{4}\.\d)(?!\sarxiv:)"
# A withdrawal has no flag, only the words of the latest version's comment: https://info.arxiv.org/help/withdraw.md
_WITHDRAWN = re.compile(
    rf"""
      \b(?:this|the|our|my|present)\s(?:\w+\s)?{_WORK}\s(?:\([^)]*\)\s)?(?:has|as|have|had|is|was|are|were|being|be)
        \s(?:now\s|been\s|being\s|temporarily\s|voluntarily\s|hereby\s)*(?:withdrawn|retracted){_NOT_ELSEWHERE}
    | \b(?:withdrawn|retracted)\s(?:\w+\s)?by\s(?:\w+\s){{0,4}}(?:authors?|submitters?|arxiv|admin\w*)\b
    | \bremoved\sby\s(?:the\s)?arxiv\b
    | ^\W*(?:v\d+\W+)?(?:{_WORK}\s|has\s|been\s|is\s|temporarily\s)*(?:withdrawn|retracted){_NOT_ELSEWHERE}
    | ^\W*withdrawal\s*(?:$|[.:;,(]|(?:due|for|because|notice|request\w*)\b)
    | ^\W*(?:withdrew|withdraw|retract)\s(?:this|the|our|my)\s(?:\w+\s)?{_WORK}\b
    | (?:^|[.;:,(]\s*)(?:{_WORK}\s)?withdrawn\s(?:due\sto|because|since|owing\sto|pending|from\s(?:the\s)?arxiv)\b
    | \b(?:authors?|we|i)\s(?:\w+\s){{0,5}}(?:withdraw|withdrew|withdrawn|withdrawing|retract)
        \s(?:this|the|our|my)\s(?:\w+\s)?{_WORK}\b{_NOT_ELSEWHERE}
    | \bwithdrawal\sof\s(?:this|our|my)\s(?:\w+\s)?{_WORK}\b
    | \bneeds?\sto\sbe\s(?:withdrawn|retracted)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Words before it in the same sentence that mean another paper's withdrawal, a part's, or a possibility.
_OF_ANOTHER = re.compile(
    r"\b(?:previous|previously|earlier|prior|former|formerly|original|replac\w+|supersed\w+|merge\w*|could|may|might|"
    r"would|will|if)\b|\b(?:section|claims?|lemma|theorem|conclusions?|results?)\W+(?:\w+\W+)?$",
    re.IGNORECASE,
)
_THE_WORD = re.compile(r"with(?:draw|drew)|retract|removed", re.IGNORECASE)


def withdrawal(comment: str | None, abstract: str | None) -> str | None:
    """Return the sentence that says that the paper is withdrawn; in the abstract only at its beginning."""
    for text in (comment or "", (abstract or "")[:200]):
        for match in _WITHDRAWN.finditer(text):
            start = max(text.rfind(mark, 0, match.start() + 1) + 1 for mark in (". ", "; "))
            end = text.find(". ", match.end())
            word = _THE_WORD.search(text, match.start())
            if not _OF_ANOTHER.search(text[start : word.start() if word else match.start()]):
                return one_line(text[start : end + 1 if end >= 0 else None], 300)
    return None
