"""Feeds mutated bytes to every reader of what others write: `python -m benchmarks.fuzz [--seconds 60] [TARGET...]`.

Whatever comes out but the reader's own error, or nothing within the time for one input, is a finding: its input is
kept in `--keep FOLDER`, the traceback's end is printed, and the exit code is 1. `--replies FOLDER` adds recorded
replies, one folder a service. The same `--seed` makes the same inputs.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from random import Random

from benchmarks.fuzz.mutations import mutated
from benchmarks.fuzz.targets import TARGETS

LARGEST_SEED = 200_000
"""Bytes; recorded replies above this are left out, they make the fuzzer slow and find nothing else."""

SLOW_SECONDS = 5.0
"""Of processor time, for one input of at most a few hundred kilobytes; ordinary ones take milliseconds."""


class TooSlowError(Exception):
    """An input took longer than it may."""


def _too_slow(*_: object) -> None:
    raise TooSlowError(f"more than {SLOW_SECONDS:.0f} s of processor time")


def main() -> int:
    """Fuzzes the targets in turn until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"default: all of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replies", type=Path, help="recorded replies, a folder for each service")
    parser.add_argument("--keep", type=Path, help="where inputs that fail are kept (default: a new folder)")
    chosen = parser.parse_args()
    keep = chosen.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    names = chosen.targets or list(TARGETS)
    seeds = {name: _seeds(name, chosen.replies) for name in names}
    signal.signal(signal.SIGPROF, _too_slow)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    warnings.simplefilter("error")
    random, done, found = Random(chosen.seed), Counter[str](), dict[str, str]()
    end = time.monotonic() + chosen.seconds
    while time.monotonic() < end:
        for name in names:
            turn = time.monotonic() + min(1.0, chosen.seconds / len(names))
            while time.monotonic() < turn:
                data = mutated(random, seeds[name])
                done[name] += 1
                if (failure := _failure(name, data)) and failure not in found:
                    path = keep / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
                    path.write_bytes(data)
                    found[failure] = f"{path}\n{failure}"
                    print(f"FOUND {found[failure]}\n", flush=True)
    warnings.simplefilter("ignore")  # the targets' temporary folder is cleaned up at the very end
    for name in names:
        print(f"{name}: {done[name]:,} inputs from {len(seeds[name])} seeds")
    print(f"{sum(done.values()):,} inputs, {len(found)} findings; resident at most {_peak_mb()} MB")
    return 1 if found else 0


def _seeds(name: str, replies: Path | None) -> list[bytes]:
    target = TARGETS[name]
    seeds = list(target.seeds())
    if replies and target.folder and (replies / target.folder).is_dir():
        recorded = (path for path in sorted((replies / target.folder).iterdir()) if path.is_file())
        seeds += [path.read_bytes() for path in recorded if path.stat().st_size <= LARGEST_SEED]
    return seeds


def _failure(name: str, data: bytes) -> str | None:
    """What went wrong, told by its kind and place, so that it is told once."""
    signal.setitimer(signal.ITIMER_PROF, SLOW_SECONDS)
    try:
        TARGETS[name].read(data)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        return f"{name}: {type(error).__name__}: {str(error)[:60]} at {places}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
