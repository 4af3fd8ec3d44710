"""Domains that are not in use: for sale, expired, or with only a registrar's page and advertisements. Pure."""

from __future__ import annotations

import re

from enrich.links.titles import folded_title_parts

# Hosts to which parked domains redirect.
_HOSTS = re.compile(
    r"(?:^|\.)(?:hugedomains|sedo(?:parking)?|dan|afternic|bodis|parkingcrew|parklogic|undeveloped|domainmarket|"
    r"buydomains|brandbucket|squadhelp|efty|above|uniregistry|domain(?:name)?s?-?for-?sale)\.\w{2,6}$|"
    r"^ww\d{1,2}\.|^(?:expired|parked|parking)\.|^(?:www\.)?(?:atom|spaceship)\.com$"
)
_NAME = r"(?>(?:[\w-]{1,63}\.)+)\w{2,24}"
_OF_SOMEBODY = r"[\w. ]{1,60}"
_TITLE = re.compile(
    rf"(?:(?:(?:this|the) )?(?:web ?)?(?:domain|site|page)(?: name)?(?: {_NAME})?|{_NAME}) "
    rf"(?:(?:is|may be|has|has been) )?(?:for sale|available for purchase|parked|expired|suspended)"
    rf"(?: (?:at|by|on|with|free) {_OF_SOMEBODY})?|"
    rf"buy this domain|(?:{_OF_SOMEBODY} )?parked (?:domain|page)(?: name)?|domain (?:name )?parking|"
    rf"(?:(?:this )?(?:domain(?: name)?|{_NAME}) )?(?:is )?(?:registered|parked) (?:at|with) {_OF_SOMEBODY}|"
    rf"(?:{_OF_SOMEBODY} )?domain (?:already registered|reserved)|"
    r"(?:diese |die )?(?:domain|website|webseite|seite)[\w. ]{0,80} steht zum verkauf|"
    r"(?:ce |le )?(?:nom de )?domaine[\w. ]{0,80} (?:est )?à vendre|(?:este )?dominio (?:está )?(?:a la|en) venta|"
    r"домен (?:прода[её]тся|припаркован|не продлен)|(?:该|此)?域名(?:出售|转让|已过期|可能出售)|"
    r"このドメインは.{0,20}販売.{0,20}"
)
# Texts that only such pages have.
_BODY = re.compile(
    rb"img\.sedoparking\.com|/parking-lander/|LANDER_SYSTEM|window\.park\s?=|parkingcrew\.net|d38psrni17bvxu\.cloudfront|"
    rb"location\.href\s?=\s?[\"']/lander[\"']|parklogic\.com|bodis\.com/|"
    rb"(?i:\bthis domain (?:name )?(?:has|is) (?:expired|parked|for sale))"
)


def is_parking_host(host: str) -> bool:
    """Return whether a host only offers domains for sale."""
    return _HOSTS.search(host) is not None


def is_parked(title: str, head: bytes) -> bool:
    """Return whether a page belongs to a parked domain; `head` is empty if the page has much text."""
    said = any(map(_TITLE.fullmatch, folded_title_parts(title)))
    return said or _BODY.search(head) is not None
