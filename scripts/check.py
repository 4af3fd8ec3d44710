"""The whole check: formatting, lint, types, import contracts, tests with branch coverage.

Every step runs, whatever the ones before it said; the exit code is 0 where all passed.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STEPS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
    # Last, so that its summary closes the output.
    ("pytest", "-n", "2", "--cov", "--cov-report=term", *sys.argv[1:]),
)


def main() -> int:
    """Run the steps with the tools installed beside this Python; return 1 if one failed."""
    beside = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": os.pathsep.join((beside, os.environ.get("PATH", os.defpath)))}
    failed = []
    for step in STEPS:
        print("+", *step, flush=True)
        if subprocess.run((Path(beside, step[0]), *step[1:]), cwd=ROOT, env=environment, check=False).returncode:
            failed.append(" ".join(step))
    if failed:
        print("failed:", *failed, sep="\n  ", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
