"""User-defined Jinja templates: in a sandbox, and with every text from the catalog escaped as Markdown; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jinja2 import StrictUndefined, nodes
from jinja2 import TemplateError as JinjaError
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from enrich.export.sections.markup import linked, shown
from enrich.export.sections.selection import Selection
from enrich.model import Entry

MOST_CHARS = 1_000_000
"""Limit of a template's output; a part for 5,000 papers has half of that."""

_MOST_REPEATED = 10_000
_HIGHEST_POWER = 64
# Filters and functions that produce markup, random output, or output of any size.
_NO_FILTERS = ("safe", "urlize", "xmlattr", "tojson", "pprint", "random", "center", "indent", "format")
_NO_METHODS = ("format", "format_map", "ljust", "rjust", "center", "zfill", "expandtabs", "translate")


class TemplateError(ValueError):
    """A template that cannot be rendered; `line` is where, if known."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Markdown(str):
    """A text that is already Markdown; Jinja does not escape objects with `__html__`."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def _write_join(generator: CodeGenerator, node: nodes.Concat, frame: Frame) -> None:
    """Join with `~` as `_joined` does: Jinja would escape the parts as HTML only."""
    generator.write("environment.filters['join']((")
    for part in node.nodes:
        generator.visit(part, frame)
        generator.write(", ")
    generator.write("))")


# Methods of Jinja's visitors have the names of its nodes.
_Generator = type("_Generator", (CodeGenerator,), {"visit_Concat": _write_join})


class _Sandbox(ImmutableSandboxedEnvironment):
    code_generator_class = _Generator
    intercepted_binops = frozenset(["*", "**", "%"])

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Evaluate an operation unless its result could be huge."""
        numbers = [abs(each) for each in (left, right) if isinstance(each, int | float)]
        if operator == "%" and not isinstance(left, int | float):
            raise SecurityError("% on texts is not available; use ~")
        if len(numbers) < 2 and max(numbers, default=0) > _MOST_REPEATED:
            raise SecurityError(f"{operator} gives too large a value")
        if operator == "**" and max(numbers, default=0) > _HIGHEST_POWER:
            raise SecurityError(f"{operator} gives too large a value")
        computed: object = super().call_binop(context, operator, left, right)
        return computed

    def wrap_str_format(self, value: object) -> None:
        """Reject `"{:999999999}".format(1)`, which may have any size."""
        if super().wrap_str_format(value) is not None:
            raise SecurityError("unsafe: format is not available; use ~")

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Whether a template may use an attribute."""
        return attr not in _NO_METHODS and super().is_safe_attribute(obj, attr, value)


def from_template(source: str, options: Mapping[str, str], entries: Sequence[Entry]) -> str:
    """Return the output of a template for a catalog.

    It has `entries` and `all_entries` (each a `TemplateEntry`), and `options`; the filter `link` makes a text a link.
    All output is escaped as Markdown.

    Raises:
        TemplateError: It cannot be rendered, or writes too much.
        OptionError: An option has no such value.
    """
    chosen = Selection.of(options, entries, more=True)
    every = Selection.of({}, entries)
    written: list[str] = []
    size = 0
    try:
        template = _environment().from_string(source)
        for piece in template.generate(entries=chosen.items, all_entries=every.items, options=dict(options)):
            size += len(piece)
            if size > MOST_CHARS:
                raise SecurityError(f"writes more than {MOST_CHARS:,} characters")
            written.append(piece)
    except (JinjaError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise TemplateError(_line_of(error), str(error) or type(error).__name__) from None
    return "".join(written)


def _environment() -> _Sandbox:
    environment = _Sandbox(
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in _NO_FILTERS:
        del environment.filters[name]
    del environment.globals["lipsum"]
    environment.filters |= {
        **dict.fromkeys(("e", "escape", "forceescape"), _finalized),
        "join": _joined,
        "link": _link,
    }
    return environment


def _link(text: object, url: object) -> _Markdown:
    return _Markdown(linked(str(text), str(url)))


def _joined(parts: Iterable[object], separator: object = "") -> _Markdown:
    return _Markdown(str(_finalized(separator)).join(str(_finalized(part)) for part in parts))


def _finalized(value: object) -> object:
    if isinstance(value, StrictUndefined) or hasattr(value, "__html__"):
        return value
    text = "" if value is None else str(value)
    # Separators may end with spaces: `, `.
    ends = [" " if part.isspace() else "" for part in (text[:1], text[-1:])]
    body = shown(text)
    return _Markdown(ends[0] + body + ends[1] if body else ends[0])


def _line_of(error: BaseException) -> int | None:
    line: int | None = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace and line is None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
