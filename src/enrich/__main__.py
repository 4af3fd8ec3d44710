"""The program `enrich`, which `python -m enrich` is, too."""

import os
import signal
from importlib import import_module


def main() -> int:
    """Run the command line; a signal that comes while it is still being loaded ends the process without a traceback."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(130))
    code: int = import_module("enrich.cli").main()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
