"""Describe in words what is wrong with a setting; pydantic's own messages name Python types."""

from __future__ import annotations

from collections.abc import Mapping

_BY_TYPE: Mapping[str, str] = {
    "bool_type": "must be true or false",
    "date_from_datetime_parsing": "must be a date such as 2027-01-31",
    "date_parsing": "must be a date such as 2027-01-31",
    "date_type": "must be a date such as 2027-01-31",
    "dict_type": "must be a table",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "int_type": "must be an integer",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be {expected}",
    "mapping_type": "must be a table",
    "missing": "missing",
    "model_type": "must be a table",
    "path_type": "must be a path",
    "string_pattern_mismatch": "must be a host name",
    "string_too_short": "must not be empty",
    "string_type": "must be a string",
    "tuple_type": "must be a list",
}
"""Messages by the type of the error: https://docs.pydantic.dev/latest/errors/validation_errors/."""

_SHOWN = 60
"""Characters of a wrong value."""


def worded(details: Mapping[str, object]) -> str:
    """Return the message for one of pydantic's errors, with the value that was given."""
    kind, context, given = str(details["type"]), details.get("ctx"), details.get("input")
    limits = context if isinstance(context, dict) else {}
    if kind not in _BY_TYPE:
        return str(details["msg"]).removeprefix("Value error, ")
    message = "must be a positive integer" if limits.get("ge") == 1 else _BY_TYPE[kind].format(**limits)
    is_shown = isinstance(given, str | int | float) and len(str(given)) <= _SHOWN
    return f"{message} (got {_toml(given)})" if is_shown else message


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
