"""Lists of papers, as people write them, to entries; and an import merged into a catalog; pure."""

from enrich.lists.merging import Import, Merge, merge
from enrich.lists.walking import read

__all__ = ["Import", "Merge", "merge", "read"]
