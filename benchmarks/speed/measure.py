"""Runs a command and writes what it took: `python -m benchmarks.speed.measure SECONDS OUT.json COMMAND…`.

A process of its own, because a child starts out with the peak memory of the process that starts it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def took(command: Sequence[str], seconds: float = 600, folder: Path | None = None) -> dict[str, float]:
    """The wall and CPU seconds, the peak memory in MB and the exit code of a command, ended after `seconds`."""
    out = (folder or Path.cwd()) / "took.json"
    subprocess.run([sys.executable, __file__, str(seconds), str(out), *command], check=True, cwd=folder)
    figures: dict[str, float] = json.loads(out.read_text())
    out.unlink()
    return figures


def _main(seconds: str, out: str, *command: str) -> None:
    started = time.monotonic()
    with Path(out + ".out").open("w") as said, Path(out + ".err").open("w") as errors:
        child = subprocess.Popen(command, stdout=said, stderr=errors)
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child.pid, signal.SIGKILL))
        signal.alarm(int(float(seconds)))
        code = child.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "wall": time.monotonic() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mb": usage.ru_maxrss / 1024,
        "code": code,
    }
    Path(out).write_text(json.dumps(figures))


if __name__ == "__main__":
    _main(*sys.argv[1:])
