"""Fixtures for every room."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes import FakeClock
from tests.forking import Forks, forks
from tests.loopback import Upstream

# A busy machine is no fault of the code, and a change is not to fail by examples that have nothing to do with it.
settings.register_profile("enrich", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("enrich"), derandomize=False, max_examples=1000)
settings.load_profile("enrich")

# Each program that a test starts would compile the whole package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Whoever runs the tests in the background of a shell has SIGINT ignored, and so would the commands under test.
signal.signal(signal.SIGINT, signal.default_int_handler)


OF_THE_MACHINE = ("ENRICH_", "XDG_", "GITHUB_", "RUNNER_", "CI", "NO_COLOR", "FORCE_COLOR")
"""How variables begin that change what commands do: a test sets those that it is about."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what belongs to the person or to the machine out of the tests, and the tests out of the person's home."""
    home = TemporaryDirectory(prefix="home-")
    config.add_cleanup(home.cleanup)
    if (git := Path.home() / ".gitconfig").exists():  # where it may say that the checkout is safe
        os.environ.setdefault("GIT_CONFIG_GLOBAL", str(git))
    for name in [name for name in os.environ if name.startswith(OF_THE_MACHINE)]:
        del os.environ[name]
    os.environ |= {"HOME": home.name, "COLUMNS": "80"}


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what is loaded: to look through it takes a tenth of the tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that leaps over every sleep; it begins at 2026-01-31 09:00 UTC."""
    return FakeClock()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """The services of the demonstration's world, over loopback."""
    with Upstream().serving() as serving:
        yield serving


@pytest.fixture(scope="session")
def forking() -> Iterator[Forks]:
    """What starts commands of which the start is not what is tested."""
    with forks() as starting:
        yield starting
