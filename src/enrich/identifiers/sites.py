"""How sites write identifiers in their URLs: one row per site, found by its host.

A row requires that the site, its registry or its own pages document it. Numbers that a site assigns for itself (HAL,
AAAI, CVF, JMLR, PMLR, NeurIPS, the ISCA archive since 2021, IEEE Xplore, ScienceDirect) are known to no registry, and
have no row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypeVar

from enrich.identifiers.forms import ARXIV_ID, arxiv_id, doi
from enrich.model import Identifier, Scheme


@dataclass(frozen=True, slots=True)
class UrlForm:
    """How a site writes an identifier: a pattern of path and query, and the template for its groups."""

    pattern: re.Pattern[str]
    scheme: Scheme
    template: str = "{0}"

    def read(self, path: str) -> Identifier | None:
        """Return the identifier in a path with its query."""
        match = self.pattern.match(path)
        if match is None:
            return None
        value = self.template.format(*match.groups())
        if self.scheme is Scheme.ARXIV:
            return arxiv_id(value)
        if self.scheme is Scheme.DOI:
            return doi(value)
        return Identifier(self.scheme, _CASES.get(self.scheme, str)(value))


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known about a host: the rows of its site, what it appends to a DOI, whether its paths contain DOIs.

    `wraps` has the patterns of URLs that contain another one.
    """

    rows: tuple[UrlForm, ...] = ()
    tails: tuple[re.Pattern[str], ...] = ()
    wraps: tuple[re.Pattern[str], ...] = ()
    holds_dois: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether no URL of the host can contain an identifier, as far as is known."""
        return not (self.rows or self.wraps)


def _acl(value: str) -> str:
    return value.upper() if value[0].isalpha() else value.lower()


def _semantic_scholar(value: str) -> str:
    return value if ":" in value else value.lower()


_CASES = {Scheme.ACL: _acl, Scheme.SEMANTIC_SCHOLAR: _semantic_scholar}

_NEW = r"([0-9]{4}\.[0-9]{4,5})"
_HALVES = r"([0-9]{4})[.-]?([0-9]{4,5})"
_ANY_ARXIV = ARXIV_ID.replace("?P<id>", "").replace("?P<version>", "")
_SHA = r"([0-9a-f]{40})(?=[/?]|$)"
_END = r"/?(?:\?|$)"
_ANTHOLOGY = r"([0-9]{4}\.[a-z0-9]+-[a-z0-9]+\.[0-9]+|[A-Z][0-9]{2}-[0-9]{4})"
_OSF = r"([2-9a-hjkmnp-z]{5}(?:_v[0-9]+)?)"  # https://github.com/CenterForOpenScience/osf.io, framework/guid
_PUBMED = r"([1-9][0-9]{0,8})"

# (hosts, pattern of path and query, scheme, template); sources: the sites' own pages where nothing else is said.
_ROWS: tuple[tuple[str, str, Scheme, str], ...] = (
    # arXiv and its readers: https://info.arxiv.org/help/arxiv_identifier.html
    (
        "arxiv.org ar5iv.org alphaxiv.org xxx.lanl.gov",
        rf"(?:/[\w.-]{{0,30}}){{0,5}}?/(?:arxiv:)?{_ANY_ARXIV}(?:\.pdf|\.ps\.gz)?(?=$|[\s/?#&.,;:)\]}}\"'])",
        Scheme.ARXIV,
        "{0}",
    ),
    ("huggingface.co hf.co arxiv-vanity.com emergentmind.com", rf"/papers/{_NEW}", Scheme.ARXIV, "{0}"),
    ("scirate.com papers.cool", rf"/arxiv/{_NEW}", Scheme.ARXIV, "{0}"),
    ("inspirehep.net", rf"/(?:api/)?arxiv/{_NEW}", Scheme.ARXIV, "{0}"),
    ("catalyzex.com", rf"/paper/arxiv:{_NEW}", Scheme.ARXIV, "{0}"),
    ("connectedpapers.com", rf"/main/{_NEW}{_END}", Scheme.ARXIV, "{0}"),
    ("connectedpapers.com", rf"/main/{_SHA}", Scheme.SEMANTIC_SCHOLAR, "{0}"),
    # https://ui.adsabs.harvard.edu/help/actions/bibcode
    ("adsabs.harvard.edu", rf"/(?:abs/)?[0-9]{{4}}arXiv{_HALVES}[A-Z.]", Scheme.ARXIV, "{0}.{1}"),
    ("adsabs.harvard.edu", rf"/abs/arXiv:{_NEW}", Scheme.ARXIV, "{0}"),
    ("dblp.org dblp.uni-trier.de", rf"/rec/(?:\w+/)?journals/corr/abs-{_HALVES}\b", Scheme.ARXIV, "{0}.{1}"),
    # https://api.semanticscholar.org/api-docs/
    ("semanticscholar.org", rf"/(?:graph/v1/paper/|v1/paper/)?arxiv[/:]{_NEW}", Scheme.ARXIV, "{0}"),
    (
        "semanticscholar.org",
        r"/(?:graph/v1/paper/|paper/)?corpusid:([1-9][0-9]{0,11})" + _END,
        Scheme.SEMANTIC_SCHOLAR,
        "CorpusId:{0}",
    ),
    ("semanticscholar.org", rf"/(?:graph/v1/|v1/)?paper/(?:[^/]{{1,300}}/)?{_SHA}", Scheme.SEMANTIC_SCHOLAR, "{0}"),
    (
        "openreview.net",
        r"/(?:forum|pdf|attachment)/?\?(?:.*&)?id=([A-Za-z0-9_-]{6,})(?=[&\s]|$)",
        Scheme.OPENREVIEW,
        "{0}",
    ),
    # https://aclanthology.org/info/ids/
    (
        "aclanthology.org aclweb.org",
        rf"/(?:anthology/)?(?:papers/)?(?:[A-Z]/[A-Z][0-9]{{2}}/)?{_ANTHOLOGY}(?:v[0-9]+|\.bib)?(?:\.pdf)?{_END}",
        Scheme.ACL,
        "{0}",
    ),
    ("aclanthology.info", rf"/(?:papers/)?{_ANTHOLOGY}(?:[/?].*)?$", Scheme.ACL, "{0}"),  # closed in 2019
    ("pubmed.ncbi.nlm.nih.gov", rf"/{_PUBMED}{_END}", Scheme.PMID, "{0}"),
    ("ncbi.nlm.nih.gov", rf"/(?:m/)?pubmed/{_PUBMED}{_END}", Scheme.PMID, "{0}"),
    ("europepmc.org", rf"/(?:article|abstract)/med/{_PUBMED}(?=[/?]|$)", Scheme.PMID, "{0}"),
    ("ncbi.nlm.nih.gov", rf"/(?:labs/)?(?:pmc/)?articles/PMC{_PUBMED}(?=[/?]|$)", Scheme.PMC, "PMC{0}"),
    ("europepmc.org", rf"/(?:articles?|article/pmc)/PMC{_PUBMED}(?=[/?]|$)", Scheme.PMC, "PMC{0}"),
    # The suffix of a DOI without its prefix, or a number of which the publisher makes a DOI.
    (
        "nature.com",
        r"/articles/(?=[a-z._-]*[0-9])([a-z0-9][a-z0-9._-]*?)(?:\.pdf)?" + _END,
        Scheme.DOI,
        "10.1038/{0}",
    ),
    (
        "nature.com",
        r"/\w+/journal/v[0-9]+/n[0-9]+/(?:full|abs|pdf)/([a-z0-9][a-z0-9.-]*?)\.(?:html|pdf)",
        Scheme.DOI,
        "10.1038/{0}",
    ),
    ("zenodo.org", r"/(?:api/)?records?/([0-9]+)(?=[/?]|$)", Scheme.DOI, "10.5281/zenodo.{0}"),
    (
        "figshare.com",
        r"/articles/(?:[^/]+/){1,2}([0-9]+)(?:/[0-9]+)?" + _END,
        Scheme.DOI,
        "10.6084/m9.figshare.{0}",
    ),
    ("acm.org", r"/citation\.cfm\?(?:.*&)?doid=([0-9.]+)", Scheme.DOI, "10.1145/{0}"),
    (
        "ssrn.com",
        r"/(?:sol3/(?:papers|delivery)\.cfm.*[?&]abstract_?id|abstract)=([0-9]+)",
        Scheme.DOI,
        "10.2139/ssrn.{0}",
    ),
    (
        "elifesciences.org",
        r"/(?:articles|reviewed-preprints)/([0-9]+)(?:v[0-9]+)?(?:\.pdf)?" + _END,
        Scheme.DOI,
        "10.7554/elife.{0}",
    ),
    ("peerj.com", r"/articles/([0-9]+)(?:\.pdf)?" + _END, Scheme.DOI, "10.7717/peerj.{0}"),
    ("peerj.com", r"/articles/cs-([0-9]+)(?:\.pdf)?" + _END, Scheme.DOI, "10.7717/peerj-cs.{0}"),
    ("hindawi.com", r"/(?:journals|archive)/\w+/([0-9]{4})/([0-9]+)" + _END, Scheme.DOI, "10.1155/{0}/{1}"),
    (
        "biorxiv.org",
        r"/content/(?:biorxiv/)?early/[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9]{6})(?=[/?.v]|$)",
        Scheme.DOI,
        "10.1101/{0}",
    ),
    (
        "drops.dagstuhl.de",
        r"/storage/.*/((?:lipics|oasics)\.[\w-]+(?:\.[0-9]+){2})(?:\.pdf)?" + _END,
        Scheme.DOI,
        "10.4230/{0}",
    ),
    # Since 2017: https://www.ijcai.org/proceedings/2017/
    (
        "ijcai.org",
        r"/proceedings/(201[7-9]|20[2-9][0-9])/0*([1-9][0-9]*)(?:\.pdf)?" + _END,
        Scheme.DOI,
        "10.24963/ijcai.{0}/{1}",
    ),
    # From 2016 to 2020, the number of a paper in the archive is the number in its DOI.
    (
        "isca-speech.org isca-archive.org",
        r"/archive/interspeech_(201[6-9]|2020)/(?:abstracts|pdfs)/([1-9][0-9]{0,3})\.(?:html|pdf)" + _END,
        Scheme.DOI,
        "10.21437/interspeech.{0}-{1}",
    ),
    (
        "preprints.org",
        r"/manuscript/([0-9]{6}\.[0-9]{4})/(v[0-9]+)(?:/\w+)?" + _END,
        Scheme.DOI,
        "10.20944/preprints{0}.{1}",
    ),
    ("preprints.org", r"/manuscript/([0-9]{6}\.[0-9]{4})" + _END, Scheme.DOI, "10.20944/preprints{0}.v1"),
    ("researchsquare.com", r"/article/(rs-[0-9]+)/(v[0-9]+)(?:\.pdf)?" + _END, Scheme.DOI, "10.21203/rs.3.{0}/{1}"),
    ("researchsquare.com", r"/article/(rs-[0-9]+)(?:\.pdf)?" + _END, Scheme.DOI, "10.21203/rs.3.{0}/v1"),
    ("scipost.org", r"/(SciPost\w+\.[0-9]+\.[0-9]+\.[0-9]+)(?:/pdf)?" + _END, Scheme.DOI, "10.21468/{0}"),
    (
        "pubs.rsc.org",
        r"/\w\w/content/article(?:landing|html|pdf)/[0-9]{4}/\w\w/([a-z][0-9][a-z]{2}[0-9]{5}[a-z0-9])" + _END,
        Scheme.DOI,
        "10.1039/{0}",
    ),
    # https://www.nber.org/papers/w31122 gives DOI 10.3386/w31122
    (
        "nber.org",
        r"/(?:papers/|system/files/working_papers/w[0-9]+/)(w[0-9]{1,5})(?:\.pdf)?" + _END,
        Scheme.DOI,
        "10.3386/{0}",
    ),
    # https://www.rfc-editor.org/rfc/rfc7669 section 2.3
    (
        "rfc-editor.org datatracker.ietf.org tools.ietf.org",
        r"/(?:rfc/|info/|doc/|html/|doc/html/)rfc([1-9][0-9]{3})(?:\.html|\.txt|\.pdf|\.xml)?" + _END,
        Scheme.DOI,
        "10.17487/rfc{0}",
    ),
    # Preprint servers on OSF; today's IDs end in their version.
    *(
        row
        for name, prefix in (
            ("osf", "10.31219"),
            ("psyarxiv", "10.31234"),
            ("socarxiv", "10.31235"),
            ("engrxiv", "10.31224"),
            ("eartharxiv", "10.31223"),
            ("edarxiv", "10.35542"),
        )
        for row in (
            ("osf.io", rf"/preprints/{name}/{_OSF}(?=[/?]|$)", Scheme.DOI, f"{prefix}/osf.io/{{0}}"),
            (f"{name}.com" if name != "osf" else "", rf"/{_OSF}(?=[/?]|$)", Scheme.DOI, f"{prefix}/osf.io/{{0}}"),
        )
    ),
)

# What sites append to a DOI: a preprint's version, an article's number and name.
_TAILS = (
    ("biorxiv.org medrxiv.org", r"(?<=[0-9])(?:v[0-9]{1,3})?(?:\.[a-z][a-z.+-]*)?$"),
    ("academic.oup.com direct.mit.edu pubs.aip.org", r"(?<=\w)/[0-9]{5,}(?:/.*)?$"),
)

# URLs that contain another one: where it is in path and query.
_WRAPS = (
    ("web.archive.org", r"/web/[0-9]{4,14}(?:[a-z]{2}_)?\*?/(?P<url>.+)"),
    ("archive.org", r"/(?:wayback|web)/[0-9]{4,14}(?:[a-z]{2}_)?/(?P<url>.+)"),
    ("archive.ph archive.today archive.is", r"/(?:[0-9]{4,14}|newest|o/\w+)/(?P<url>https?:.+)"),
    ("webcitation.org", r"/[^?]*\?(?:.*&)?url=(?P<encoded>[^&]+)"),
    ("google.com", r"/url\?(?:.*&)?(?:q|url)=(?P<encoded>https?[^&]+)"),
    ("scholar.google.com", r"/scholar_url\?(?:.*&)?url=(?P<encoded>https?[^&]+)"),
    ("l.facebook.com lm.facebook.com", r"/l\.php\?(?:.*&)?u=(?P<encoded>https?[^&]+)"),
    ("linkedin.com", r"/redir/redirect\?(?:.*&)?url=(?P<encoded>https?[^&]+)"),
    ("link.zhihu.com", r"/\?(?:.*&)?target=(?P<encoded>https?[^&]+)"),
    ("slack-redir.net", r"/link\?(?:.*&)?url=(?P<encoded>https?[^&]+)"),
)

# Copies, files of repositories, and paths that only look like a DOI.
_WITHOUT_DOIS = frozenset(("archive.org", "delivery.acm.org", "github.com", "githubusercontent.com"))


_Values = TypeVar("_Values")


def _by_host(rows: Iterable[tuple[str, _Values]]) -> Mapping[str, tuple[_Values, ...]]:
    """Return the values of rows by host, in the order of the rows."""
    found: defaultdict[str, list[_Values]] = defaultdict(list)
    for hosts, value in rows:
        for host in hosts.split():
            found[host].append(value)
    return {host: tuple(values) for host, values in found.items()}


_compiled = partial(re.compile, flags=re.ASCII | re.IGNORECASE | re.DOTALL)

_ROWS_OF = _by_host(
    (hosts, UrlForm(_compiled(pattern), scheme, template)) for hosts, pattern, scheme, template in _ROWS
)
_TAILS_OF = _by_host((hosts, _compiled(pattern)) for hosts, pattern in _TAILS)
_WRAPS_OF = _by_host((hosts, _compiled(pattern)) for hosts, pattern in _WRAPS)


@lru_cache(maxsize=4096)
def rules_of(host: str) -> Rules:
    """Return what is known of a host, by its own name and by its parent domains."""
    names = list(_names_of(host))
    return Rules(
        rows=tuple(row for name in names for row in _ROWS_OF.get(name, ())),
        tails=tuple(tail for name in names for tail in _TAILS_OF.get(name, ())),
        wraps=tuple(pattern for name in names for pattern in _WRAPS_OF.get(name, ())),
        holds_dois=_WITHOUT_DOIS.isdisjoint(names),
    )


def _names_of(host: str) -> Iterator[str]:
    while host:
        yield host
        host = host.partition(".")[2]
