"""The tests with the lowest version of every direct dependency that pyproject.toml allows.

`python scripts/lowest.py [PYTEST ARGUMENT...]`; needs uv (https://docs.astral.sh/uv/), `pip install uv`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Installs and runs; returns pytest's exit code."""
    uv = (sys.executable, "-m", "uv")
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder, "bin", "python")
        subprocess.run((*uv, "venv", "--quiet", "--python", sys.executable, folder), check=True)
        install = (*uv, "pip", "install", "--quiet", "--python", str(python), "--resolution", "lowest-direct")
        subprocess.run((*install, "-e", f"{ROOT}[test]"), check=True)
        tests = (str(python), "-m", "pytest", "-n", "2", *sys.argv[1:])
        return subprocess.run(tests, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
