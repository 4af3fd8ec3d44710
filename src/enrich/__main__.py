"""`python -m enrich` is `enrich`."""

from enrich.cli import main

raise SystemExit(main())
