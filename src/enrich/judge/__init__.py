"""Decide which source wins per field, and what to report to the maintainer; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from enrich.judge.cases import Case, Mismatch, Tried
from enrich.judge.on_hosts import outages
from enrich.judge.on_links import (
    archived_repository,
    changed_findings,
    internal_number,
    link_trouble,
    tls_trouble,
    wrong_page,
    wrong_project,
)
from enrich.judge.on_metadata import contradicted_authors, contradicted_venue, stale_title
from enrich.judge.on_papers import (
    PAPER_RULES,
    corrected,
    doubtful_paper,
    duplicates,
    gone_paper,
    published_since,
    unregistered,
    unresolved,
    wrong_paper,
)
from enrich.judge.records import (
    PRECEDENCE,
    by_authority,
    edition,
    gaps,
    identity,
    may_be_one_paper,
    merge_records,
    missing_fields,
)
from enrich.judge.standing import (
    Sight,
    findings_of,
    is_complete,
    unseen_findings,
    with_hosts,
    with_standing,
)
from enrich.model import Finding

__all__ = [
    "PAPER_RULES",
    "PRECEDENCE",
    "RULES",
    "Case",
    "Mismatch",
    "Sight",
    "Tried",
    "by_authority",
    "changed_findings",
    "duplicates",
    "edition",
    "findings_of",
    "gaps",
    "identity",
    "is_complete",
    "may_be_one_paper",
    "merge_records",
    "missing_fields",
    "outages",
    "unseen_findings",
    "with_hosts",
    "with_standing",
]

RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    link_trouble,
    tls_trouble,
    wrong_paper,
    doubtful_paper,
    wrong_page,
    gone_paper,
    unresolved,
    unregistered,
    published_since,
    corrected,
    stale_title,
    contradicted_venue,
    contradicted_authors,
    archived_repository,
    internal_number,
    wrong_project,
)
"""One function per rule (or group of mutually exclusive rules), called for every entry in this order."""
