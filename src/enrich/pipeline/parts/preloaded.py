"""What workers have in common, created once in the process from which they are forked; nothing else imports this."""

from __future__ import annotations

import gc

from enrich.pipeline.parts import forms, processes
from enrich.web import registrable_domain

__all__ = ["processes"]

forms.prepare()
registrable_domain("www.example.org")  # reads the public suffix list
gc.freeze()  # a garbage collector that visits it would make each worker copy it
