"""What workers have in common, made once in the process that they are forked from; nothing else imports this."""

from __future__ import annotations

import gc

from enrich.pipeline.parts import forms, processes
from enrich.web import registrable_domain

__all__ = ["processes"]

forms.prepare()
registrable_domain("www.example.org")  # reads the public suffix list
gc.freeze()  # a collector that looks at it would have each worker copy it
