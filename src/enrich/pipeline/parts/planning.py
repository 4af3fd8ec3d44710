"""Parts as files: the links of a run, divided in advance, for workers that are started one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from secrets import token_hex

from enrich.pipeline.look import stored
from enrich.pipeline.look.settings import look_settings
from enrich.pipeline.pages import ToLook
from enrich.pipeline.parts.divide import divide, number_of_parts
from enrich.pipeline.parts.forms import Part, write_part
from enrich.pipeline.parts.looking import domains_asked_here
from enrich.pipeline.plan import plan
from enrich.pipeline.values import CatalogInput, Options
from enrich.settings import Loaded
from enrich.web import Cache, domain_of


def plan_parts(
    catalogs: Sequence[CatalogInput],
    cache: Cache,
    loaded: Loaded,
    *,
    options: Options,
    today: date,
    number: int | None = None,
) -> tuple[str, ...]:
    """Return parts with the pages that a run over these catalogs fetches, as JSON.

    Links of services are left to the run, which asks these services anyway.

    Args:
        catalogs: What the run is about.
        cache: What services and pages have answered.
        loaded: The settings.
        options: What the run does.
        today: The day of the run.
        number: How many parts there should be; None: as many as there is work for, of 40 hosts at least.
    """
    planned = plan(catalogs, loaded.settings, options, today, partial(stored, cache=cache))
    settings = look_settings(planned, loaded.settings)
    own = domains_asked_here(planned, loaded)
    wanted = [ToLook(url) for url in planned.pages if (domain := domain_of(url)) and domain not in own]
    parts = divide(wanted, number or number_of_parts(wanted)) if wanted else []
    run = token_hex(16)
    return tuple(write_part(Part("enrich part 1", run, part, settings)) for part in parts)
