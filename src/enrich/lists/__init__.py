"""Read lists of papers into entries, and merge an import into a catalog; pure."""

from enrich.lists.coverage import Coverage, by_section, cover
from enrich.lists.formats import has_list_suffix, read_any, unread
from enrich.lists.merging import Conflict, Import, Merge, merge
from enrich.lists.places import ListPlaces
from enrich.lists.retitling import Retitled, retitled
from enrich.lists.walker import read

__all__ = [
    "Conflict",
    "Coverage",
    "Import",
    "ListPlaces",
    "Merge",
    "Retitled",
    "by_section",
    "cover",
    "has_list_suffix",
    "merge",
    "read",
    "read_any",
    "retitled",
    "unread",
]
