"""Installs a wheel or an sdist into an empty environment and uses it as a newcomer does.

`python scripts/try_package.py FILE...`; the commands run in an empty folder, so that only the package is found.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

COMMANDS = (
    ("--version",),
    ("--help",),
    ("demo", "-q"),
    ("completion", "bash"),
    ("check", "--help"),
)


def main(files: list[str]) -> int:
    """Try each file; return 1 if one of the commands failed."""
    failed = [file for file in files if not works(Path(file).resolve())]
    return 1 if failed else 0


def works(file: Path) -> bool:
    """Install the file and run the commands, and tell whether all of it worked."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "environment")
        venv.create(home, with_pip=True)
        programs = home / ("Scripts" if os.name == "nt" else "bin")
        done = [called(folder, programs / "python", "-I", "-m", "pip", "install", "--quiet", str(file))]
        if done[0]:
            done += [called(folder, programs / "enrich", *words) for words in COMMANDS]
            done.append(called(folder, programs / "enrich-catalog", "--version"))
            done.append((home / "share" / "man" / "man1" / "enrich.1").is_file())
    print(file.name, "works" if all(done) else "does not work")
    return all(done)


def called(folder: str, program: Path, *words: str) -> bool:
    """Run a command in the folder; show it, and what it printed if it failed."""
    print("+", program.name, *words, flush=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run((program, *words), cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
