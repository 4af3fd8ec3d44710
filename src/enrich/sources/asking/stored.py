"""Outcomes in the cache. The cache is not trusted: a value in another form counts as absent."""

from __future__ import annotations

from sys import intern
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from enrich.model import Found, Missing, Outcome, Record, Repository

V = TypeVar("V")

RECORD = TypeAdapter(Record)
RECORDS = TypeAdapter(tuple[Record, ...])
REPOSITORY = TypeAdapter(Repository)
TEXT = TypeAdapter(str)


def to_json(outcome: Found[V] | Missing, form: TypeAdapter[V]) -> object:
    """Return an outcome as a JSON value."""
    if isinstance(outcome, Found):
        found = {"found": form.dump_python(outcome.value, mode="json", exclude_defaults=True), "at": outcome.at}
        return {**found, "partial": True} if outcome.is_partial else found
    return {"missing": outcome.saw, "status": outcome.status, "at": outcome.at}


def from_json(stored: object, form: TypeAdapter[V]) -> Outcome[V] | None:
    """Return the outcome that `to_json` wrote, or None if the value is damaged."""
    if not isinstance(stored, dict) or not isinstance(at := stored.get("at"), str):
        return None
    if "found" in stored:
        try:
            value = form.validate_python(stored["found"])
            return Found(value, at=intern(at), is_partial=bool(stored.get("partial")))
        except ValidationError:
            return None
    saw, status = stored.get("missing"), stored.get("status")
    if isinstance(saw, str) and (status is None or type(status) is int):
        return Missing(saw, status=status, at=at)
    return None
