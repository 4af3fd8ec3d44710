"""Decide whether a new URL may replace the old one: it must work permanently and for everyone. Pure."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote

from enrich.identifiers import normalise_url, of_url, repository_part
from enrich.links.parked import is_parking_host
from enrich.model import Reply, Scheme
from enrich.text.urls import is_local_name, split_url

_LONGEST = 2000  # characters that every browser and server accepts
_NOT_IN_URLS = re.compile(r'[\s"<>\\^`{|}]')

_LOGIN = re.compile(
    r"/(?:log[-_]?in|sign[-_]?[io]n|sign[-_]?up|register|subscribe|sessions?/new|sso|auth|authorize|oauth2?|openid|adfs|"
    r"saml2?|shibboleth|idp|cas|wp-login|(?:\w{1,20}-)?consent|gdpr|cookies?(?:[-_]?(?:consent|absent|not[-_]supported))?|validate|"
    r"verify(?:[-_]human)?|\w{0,40}captcha|unhuman|auth-?wall|challenge|sorry|interstitial|access-?denied|(?:geo[-_]?)?blocked|"
    r"paywall|age-?(?:gate|check|verification))"
    r"(?:[-_](?:required|form|page|callback|wall|check|platform|oidc))?(?=[/.;]|$)",
    re.IGNORECASE,
)
_LOGIN_HOSTS = re.compile(
    r"^(?:login|signin|sso|auth|accounts?|idp|consent|validate)\.|(?:^|\.)(?:ez|lib)?proxy\.", re.IGNORECASE
)
_ERROR_PAGE = re.compile(
    r"(?:^(?:/[a-z]{2}(?:[-_][a-z]{2})?)?|/(?:errors?|pages?|static|public))/[45]\d\d(?:\.\w{2,5})?/?$|"
    r"/(?:404|errors?|(?:page|file|item|content)?[-_]?(?:not[-_]?found|missing|unavailable|removed)|oops|"
    r"(?:under[-_]?)?maintenance|out[-_]of[-_]service|coming[-_]soon|gone|parked|(?:unsupported|outdated)[-_]?browser|"
    r"browser[-_]?(?:not[-_]?supported|upgrade))(?:[-_]page)?(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
_FRONT = re.compile(
    r"/?(?:[a-z]{2}(?:-[a-z]{2})?(?:/|$))?(?:(?:index|home|homepage|default|main|start|welcome)(?:\.\w{2,5})?/?)?",
    re.IGNORECASE,
)
_INDEX = re.compile(r"/?(?:(?:index|default|home|main)(?:\.\w{2,5})?)?", re.IGNORECASE)
# Parameters that the URL of a front page may have: the reader's origin, and that something was not found.
_OF_FRONT = re.compile(
    r"utm_\w+|ref|src|source|from|redirect\w*|err\w*|not-?found|status|msg|hl|lang|locale", re.IGNORECASE
)
# The last part of a path to many items, of which the link named one.
_LISTING = re.compile(
    r"(?:all|archives?|articles?|blogs?|browse|catalog(?:ue)?|categor(?:y|ies)|collections?|datasets?|discover|"
    r"downloads?|events?|explore|home|items?|library|list|listing|methods?|news|papers?|people|popular|"
    r"posts?|products?|projects?|publications?|research|results?|search|sitemap|sota|stories|tags?|tasks?|tools?|topics?|"
    r"trending|users?|wiki)(?:\.\w{2,5})?",
    re.IGNORECASE,
)
_SEARCH = re.compile(r"/(?:search|suche|recherche|busca)(?:\.\w{2,5})?/?$", re.IGNORECASE)
# Names of listings on any site: no page about one item has them.
_LISTING_OF_ALL = re.compile(r"browse|discover|explore|popular|sitemap|trending(?:\.\w{2,5})?", re.IGNORECASE)
# The last part of a path that does not name an item: `/paper/17/pdf` and `/paper/17` are the same.
_FACET = re.compile(
    r"(?:abs|abstract|details?|download|full|fulltext|html|index|pdf|view|versions?|v\d+)(?:\.\w{2,5})?", re.IGNORECASE
)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)
_GENERIC = re.compile(r"(?P<name>.+)\.(?:com|net|org|info|biz|edu)")
# Without country domains that are used worldwide.
_NATIONAL = re.compile(
    r"(?P<name>.+?)(?:\.(?:co|com|org|net))?\.(?!ai|am|cc|co|eu|fm|gg|io|is|ly|me|sh|so|to|tv|ws)[a-z]{2}"
)
_SMALL_SCREEN = re.compile(r"(?:^|\.)(?:m|mobile|amp)\.", re.IGNORECASE)
_OF_A_VIEW = re.compile(rf"m|mobile|amp|{_LANGUAGE.pattern}", re.IGNORECASE)

# name=value in a query, a path parameter (`;jsessionid=…`), a part of a path or after the #, also within another URL's.
_PAIR = re.compile(r"[?&;#/~!,](?=([\w.:%\[\]-]{1,60})=([^&;#]{0,400}))")
_SESSION = re.compile(
    r"sess(?:ion)?[._-]?(?:id|key|token|guid|hash|uid)|aspsession|(?:^|_)sid$|^(?:s_id|cfid|cftoken|zenid|os?csid|wosid)$"
)
_SESSION_BY_VALUE = re.compile(r"sess(?:ion)?")  # also the session of a conference: `?session=3`
_SESSION_IN_PATH = re.compile(r"/\([A-Z]\([a-z0-9]{8,}\)\)", re.IGNORECASE)  # ASP.NET without cookies
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and its kin at other clouds.
_SECRET = re.compile(
    r"^x-(?:amz|goog|oss|cos|ms|obs|tos)-|signature$|^(?:sig|sign|hmac)$|accesskeyid$|^googleaccessid$|^key-pair-id$|"
    r"^policy$|credentials?$|token_*$|^authorization$|^tempauth$|^hdn(?:ea|tl|ts)$|^__gda__$|^auth(?:key|code|[._-]?key)?$|^api[._-]?key$|"
    r"passw(?:or)?d$|^pwd$|^ticket$|^nonce$|^otp$|^saml|^relaystate$|^q-(?:sign|ak)|^(?:verify|md5)$|^response-content-"
)
_EXPIRY = re.compile(r"(?:^|[._-])(?:expir|(?:exp|ttl|deadline|not-?after|valid[._-]?(?:until|thru|till|to)|se)$)")
_EXPIRY_BY_VALUE = re.compile(r"e|oe|ex|st|until|t|ts|time|timestamp|_|r|rnd|rand|random|cb|nocache")
_MOMENT = re.compile(
    r"(?:1[5-9]|2[0-2])\d{8}(?:\d{3})?|20\d{6}T\d{4,6}Z?|20\d\d-\d\d-\d\dT.*|[5-9a][0-9a-f]{7}", re.IGNORECASE
)
_TIMED_PATH = re.compile(r"/[\w-]{16,}/1[5-9]\d{8}(?:/|$)|/1[5-9]\d{8}/[\w-]{16,}(?:/|$)")
_JWT = re.compile(r"eyJ[\w-]{8,400}\.[\w-]{8}")
# Hosts that serve a file at a one-time download URL.
_FOR_ONE_DOWNLOAD = re.compile(
    r"(?:^|\.)dropboxusercontent\.com$|(?:^|\.)googleusercontent\.com$|^objectstorage\..{1,60}\.oraclecloud\.com$|"
    r"^(?:objects|release-assets)\.githubusercontent\.com$"
)
_TRACKING = re.compile(
    r"utm_\w+|fbclid|[gdw]clid|[gw]braid|msclkid|yclid|twclid|mc_[ce]id|igshid|spm|hss_channel|mkt_tok|_g[al]|_{1,2}hs\w+|"
    r"(?:pk|piwik|mtm|matomo|vero|oly)_\w+|trk(?:info)?|ref|ref_?(?:src|url)|referr?er|s?_?cmpid|ncid|s_cid|wt_mc|__cf_\w+",
    re.IGNORECASE,
)

# URLs that stay valid when their page moves, and hosts that lead to pages of all sites.
_LASTING = re.compile(
    r"(?:^|\.)(?:doi\.org|handle\.net|purl\.(?:org|oclc\.org|archive\.org)|w3id\.org|n2t\.net|identifiers\.org|"
    r"nbn-resolving\.(?:org|de)|perma\.cc|arks?\.org)$"
)
_SHORTENERS = re.compile(
    r"^(?:www\.)?(?:bit\.ly|bitly\.com|t\.co|goo\.gl|tinyurl\.com|ow\.ly|is\.gd|v\.gd|buff\.ly|lnkd\.in|rb\.gy|cutt\.ly|dlvr\.it|"
    r"1drv\.ms|forms\.gle|(?:maps\.)?app\.goo\.gl|hubs\.ly|ift\.tt|we\.tl|b23\.tv|dwz\.cn|reurl\.cc|t\.ly|shorturl\.at|tiny\.cc|aka\.ms|g\.co|amzn\.to|fb\.me|wp\.me|trib\.al|s\.id|git\.io|youtu\.be)$"
)


def refusal(old: str, new: str) -> str | None:
    """Return why a link must not be replaced by its new URL, in words; None if it may be.

    What the old URL already contains is no reason, as it gets no worse.
    """
    start, end = split_url(old), split_url(new)
    if why := _not_an_address(start, end, new):
        return why
    if old[:6].lower() == "https:" and end.scheme == "http":  # also if the rest of the old URL is malformed
        return "a URL without encryption"
    if is_repository(old) and is_repository(new):
        return None
    if leads_to_door(start, end):
        return "a sign-in, consent or error page"
    if is_parking_host(end.hostname or "") or leads_to_error(start, end):
        return "an error page or a domain for sale"
    if forwards(start, end):
        return "a front page or a listing"
    return _not_for_long(start, end) or _not_for_everyone(start, end)


def is_repository(url: str) -> bool:
    """Whether the URL belongs to a GitHub repository, whose moves GitHub knows."""
    return "github" in url.lower() and any(identifier.scheme is Scheme.GITHUB for identifier in of_url(url))


def is_redirector(url: str) -> bool:
    """Whether the host leads to pages of all sites: a resolver of identifiers, a URL shortener."""
    host = split_url(url).hostname or ""
    return bool(_LASTING.search(host) or _SHORTENERS.search(host))


def leads_to_door(start: SplitResult, end: SplitResult) -> bool:
    """Whether a redirect ends on a page for signing in, consent, or proving that one is human."""
    return bool(_LOGIN.search(end.path) or _LOGIN_HOSTS.search(end.hostname or "")) and not _LOGIN.search(start.path)


def common_door(url: str, reply: Reply) -> str | None:
    """Return the login or consent page on which the redirects of a link end, as its host may redirect all others to it.

    None for a page at the link's place, and for a host that leads to pages of all sites.
    """
    start, end = split_url(url), split_url(reply.url)
    if not reply.hops or is_redirector(url) or not leads_to_door(start, end):
        return None
    return end._replace(query="", fragment="").geturl()


def wants_no_login(parts: SplitResult) -> bool:
    """Whether a URL is a page deep in a site, and not a login page."""
    return is_deep(parts) and not _LOGIN.search(parts.path) and not _LOGIN_HOSTS.search(parts.hostname or "")


def leads_to_error(start: SplitResult, end: SplitResult) -> bool:
    """Whether a redirect ends on an error page."""
    return bool(_ERROR_PAGE.search(end.path)) and not _ERROR_PAGE.search(start.path)


def leaves_repository(old: str, new: str) -> bool:
    """Whether a redirect leads from a page of a GitHub repository to the repository itself."""
    return is_repository(old) and is_repository(new) and bool(repository_part(old)) and not repository_part(new)


def is_deep(parts: SplitResult) -> bool:
    """Whether a URL is one page among others, and not a site's front page."""
    return not _INDEX.fullmatch(parts.path) or not _is_of_front(parts.query)


def forwards(start: SplitResult, end: SplitResult) -> bool:
    """Whether a redirect leads from a page to a front page or a listing that does not contain the page."""
    if not is_deep(start):
        return False
    if _SEARCH.search(end.path) and end.query:
        return not _SEARCH.search(start.path)
    if not _is_of_front(end.query) or _is_named_after(start, end):
        return False
    if _FRONT.fullmatch(end.path):
        return True
    before, after = _names(start), _segments(end)
    if after and _LISTING_OF_ALL.fullmatch(after[-1]) and start.hostname != end.hostname:
        return not _LISTING_OF_ALL.fullmatch(before[-1])
    if len(after) >= len(before) or not _LISTING.fullmatch(after[-1]) or _LISTING.fullmatch(before[-1]):
        return False
    return after[-1].lower().partition(".")[0].removesuffix("s") not in before[-1].lower()


def _names(parts: SplitResult) -> list[str]:
    """Return the parts of a path, without last parts that show the same item in another form."""
    names = _segments(parts)
    if not _is_of_front(parts.query):
        return [*names, parts.query]
    while names and (_FACET.fullmatch(names[-1]) or _INDEX.fullmatch(names[-1])):
        names.pop()
    return names


def _is_of_front(query: str) -> bool:
    return all(_OF_FRONT.fullmatch(name) for name, _ in parse_qsl(query, keep_blank_values=True))


def _is_named_after(start: SplitResult, end: SplitResult) -> bool:
    """Whether the new host has the page's name: `uni.example/~ada/` moved to `ada.example`."""
    named = [part for part in _segments(start) if not _INDEX.fullmatch(part)][-1:]
    names = re.findall(r"[a-z][a-z0-9-]{2,}", (named or [""])[0].lower())
    return start.hostname != end.hostname and any(name in (end.hostname or "") for name in names)


def _segments(parts: SplitResult) -> list[str]:
    return [part for part in parts.path.split("/") if part]


def _not_an_address(start: SplitResult, end: SplitResult, new: str) -> str | None:
    if end.scheme not in ("http", "https") or not end.hostname or not new.isprintable() or _NOT_IN_URLS.search(new):
        return "not a web address"
    if len(new) > _LONGEST:
        return "a URL that is too long"
    if "@" in end.netloc:
        return "a URL with credentials"
    if _is_local(end.hostname) and not _is_local(start.hostname or ""):
        return "a URL of a private network"
    if _has_port(end) and not _has_port(start) and end.hostname == start.hostname:
        return "a URL with a port"
    return None


def _has_port(parts: SplitResult) -> bool:
    """Whether a URL has another port than its scheme's, or an invalid one."""
    try:
        return parts.port not in (None, {"http": 80, "https": 443}.get(parts.scheme))
    except ValueError:
        return True


def _is_local(host: str) -> bool:
    """Whether a host is an IP address, or a name that is known in one network only."""
    return ":" in host or host.replace(".", "").isdigit() or is_local_name(host)


def _not_for_long(start: SplitResult, end: SplitResult) -> str | None:
    """Return what limits the new URL to this visit; parts of the old URL do not count."""
    pairs = _pairs(end) - _pairs(start)
    if any(_SESSION.search(name) or (_SESSION_BY_VALUE.fullmatch(name) and len(v) > 7) for name, v in pairs):
        return "a URL with a session ID"
    if _SESSION_IN_PATH.search(end.path) and not _SESSION_IN_PATH.search(start.path):
        return "a URL with a session ID"
    timed = any(_EXPIRY.search(n) or (_EXPIRY_BY_VALUE.fullmatch(n) and _MOMENT.fullmatch(v)) for n, v in pairs)
    secret = any(_SECRET.search(name) or _JWT.search(value) for name, value in pairs)
    if timed or secret or (_TIMED_PATH.search(end.path) and not _TIMED_PATH.search(start.path)):
        return "a URL that expires"
    host = end.hostname or ""
    if _FOR_ONE_DOWNLOAD.search(host) and not _FOR_ONE_DOWNLOAD.search(start.hostname or ""):
        return "a one-time download URL"
    if _SHORTENERS.search(host) and not _SHORTENERS.search(start.hostname or ""):
        return "a short URL"
    if _LASTING.search(start.hostname or "") and not _LASTING.search(host):
        return "a URL that is less stable than the identifier"
    return None


def _not_for_everyone(start: SplitResult, end: SplitResult) -> str | None:
    """Return what limits the new URL to this reader: a language, a return address, a campaign."""
    pairs = _pairs(end) - _pairs(start)
    if any(_TRACKING.fullmatch(name) for name, _ in pairs):
        return "a URL with tracking parameters"
    if any("://" in value or (len(start.path) > 1 and value == start.path) for _, value in pairs):
        return "a redirect service"
    if _SMALL_SCREEN.search(end.hostname or "") and not _SMALL_SCREEN.search(start.hostname or ""):
        return "the mobile page"
    if _adds_only_a_query(start, end):
        return "the same page with parameters"
    if _is_of_another_country(start, end):
        return "another country's site"
    if _address(start) in _other_views(end):
        return "a language version or the mobile page"
    return None


def _is_of_another_country(start: SplitResult, end: SplitResult) -> bool:
    """Whether a site redirects visitors to a country's site: `a.com/x` to `a.co.uk/x`."""
    before, after = ((parts.hostname or "").removeprefix("www.") for parts in (start, end))
    named, national = _GENERIC.fullmatch(before), _NATIONAL.fullmatch(after)
    is_same = named and national and named["name"] == national["name"]
    return bool(is_same) and start.path.rstrip("/") == end.path.rstrip("/")


def _adds_only_a_query(start: SplitResult, end: SplitResult) -> bool:
    """Whether the new URL is the old one with more parameters, such as a language or a visit."""
    before, after = (set(parse_qsl(parts.query, keep_blank_values=True)) for parts in (start, end))
    return before < after and _address(start._replace(query="")) == _address(end._replace(query=""))


def _pairs(parts: SplitResult) -> set[tuple[str, str]]:
    """Return every name and value in path, query and fragment, with names in lower case."""
    text = f"/{unquote(parts.path)}?{parts.query}#{parts.fragment}"[: 2 * _LONGEST]
    return {(name.lower(), unquote(value)) for name, value in _PAIR.findall(text)}


def _address(parts: SplitResult) -> str:
    return normalise_url(parts.geturl())


def _other_views(parts: SplitResult) -> set[str]:
    """Return the variants of a URL without the part that selects a language or the mobile page."""
    parts_of_path = parts.path.removesuffix("/").split("/")
    found = {
        _address(parts._replace(path="/".join((*parts_of_path[:place], *parts_of_path[place + 1 :]))))
        for place, name in enumerate(parts_of_path)
        if name and _OF_A_VIEW.fullmatch(name)
    }
    first, _, rest = parts.netloc.partition(".")
    if "." in rest and _LANGUAGE.fullmatch(first):
        found |= {_address(parts._replace(netloc=host)) for host in (rest, f"www.{rest}")}
    return found
