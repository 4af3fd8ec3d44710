"""The directory of services, one row each; settings, keys, paces, `doctor` and reports use it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit of a service: seconds between two requests, and requests in flight (None: adaptive)."""

    interval: float = 0.0
    concurrency: int | None = None


NOT_THERE: Mapping[str, str | bool] | None = None
"""The expected answer about something that the service must not know."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A request with a known answer, which `enrich doctor --live` sends to a service.

    Attributes:
        case: What it checks, in a few words.
        expected: By identifier, title, name with a year, or URL, what the answer must say: texts that its fields
            contain, and whether a field says anything at all; or `NOT_THERE`.
        ask: How the service is asked: `look_up`, `first_version`, `search`, `names`, `match` or `copy`. What the
            canaries of a service ask in one way goes out in one batch.
        is_specimen: Whether it asks for one of a rare kind. Where a service that answers all else as expected does not
            know it any more, the canary is to be replaced.
    """

    case: str
    expected: Mapping[str, Mapping[str, str | bool] | None]
    ask: str = "look_up"
    is_specimen: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service where enrich looks things up.

    Attributes:
        name: Its name in settings, records and JSON.
        title: Its name for people.
        base: Its base URL, without a slash at the end; settings may name a mirror.
        docs: Its documentation.
        limit: Its published limit.
        fresh_hours: How long an answer is used again; below a day, so that a nightly job asks anew.
        limit_with_contact: The limit with a contact address, where it differs.
        other_hosts: Hosts besides that of `base` that share the limit.
        probe: A cheap request for `doctor`, as a path below the base URL; None without one.
        key: The environment variable that holds its key; None if it takes none.
        header: The name of the header that carries the key, and its form.
        needs_key: Whether it answers no request without a key.
        key_server: The environment variable that names the base URL that the key is for.
        second_address: Where else it is asked, by its base URL.
        fills_gaps_of: The kinds of identifiers (values of `model.Scheme`) that it is asked about, after all others, for
            papers of which something is still missing; empty if `run` asks it by rules of its own.
        canaries: Questions whose answers are known.
    """

    name: str
    title: str
    base: str
    docs: str
    limit: Limit
    fresh_hours: float = 20
    limit_with_contact: Limit | None = None
    other_hosts: tuple[str, ...] = ()
    probe: str | None = None
    key: str | None = None
    header: tuple[str, str] = ("Authorization", "Bearer {}")
    needs_key: bool = False
    key_server: str | None = None
    second_address: Callable[[str], str] | None = None
    fills_gaps_of: tuple[str, ...] = ()
    canaries: tuple[Canary, ...] = ()

    def addresses(self, base: str) -> tuple[str, ...]:
        """Return the URLs below which the service is asked if `base` is its base URL."""
        return (base, self.second_address(base)) if self.second_address else (base,)


def graphql(base: str) -> str:
    """Return the address of GitHub's GraphQL; on GitHub Enterprise Server it is beside REST's base, not below.

    https://docs.github.com/enterprise-server/graphql/guides/forming-calls-with-graphql
    """
    return f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"


# Papers that several canaries ask about, with their names at arXiv, Semantic Scholar, Crossref, DataCite and OpenAlex.
_PAGED: Mapping[str, str | bool] = {
    "title": "Efficient Memory Management for Large Language Model Serving with PagedAttention"
}
_SPEC_INFER: Mapping[str, str | bool] = {"title": "SpecInfer: Accelerating"}

ARXIV = Service(
    name="arxiv",
    title="arXiv",
    base="https://export.arxiv.org",
    docs="https://info.arxiv.org/help/api/user-manual.html",
    # One request every three seconds over one connection, all hosts together: https://info.arxiv.org/help/api/tou.html
    limit=Limit(interval=3.0, concurrency=1),
    other_hosts=("arxiv.org",),
    probe="/api/query?id_list=1706.03762&max_results=1",
    canaries=(
        Canary("a batch: known and not there", {"arxiv:2309.06180": _PAGED, "arxiv:2309.99999": NOT_THERE}),
        # Of five digits, though its month has numbers of four: absent, or refused as malformed.
        Canary("a malformed id in a batch", {"arxiv:0808.05394": NOT_THERE}),
        Canary(
            "withdrawn, and an old id",
            {
                "arxiv:0807.0090": {"title": "A proof of the Riemann hypothesis", "withdrawn": True},
                "arxiv:hep-th/9711200": {"title": "The Large N Limit of Superconformal", "withdrawn": False},
            },
            is_specimen=True,
        ),
        Canary(
            "the first version of a paper with another title",
            {"arxiv:2312.05215": {"title": "DeltaZip: Multi-Tenant Language Model Serving"}},
            ask="first_version",
        ),
        Canary(
            "two titles in one search",
            {
                "Splitwise: Efficient generative LLM inference using phase splitting": {"arxiv_id": "2311.18677"},
                "REST: Retrieval-Based Speculative Decoding": {"arxiv_id": "2311.08252"},
            },
            ask="search",
        ),
    ),
)
SEMANTIC_SCHOLAR = Service(
    name="semantic_scholar",
    title="Semantic Scholar",
    base="https://api.semanticscholar.org",
    docs="https://api.semanticscholar.org/api-docs/graph",
    # One request a second with a key; without one all clients share a pool: https://www.semanticscholar.org/product/api
    # A twentieth above one a second: the service counts arrivals, and the way there is not always equally long.
    limit=Limit(interval=1.05, concurrency=1),
    probe="/graph/v1/paper/ARXIV:1706.03762?fields=title",
    key="SEMANTIC_SCHOLAR_API_KEY",
    header=("x-api-key", "{}"),
    canaries=(
        Canary(
            "a batch: by arXiv id, by DOI and not there",
            {
                "arxiv:2309.06180": _PAGED,
                "doi:10.1145/3620666.3651335": _SPEC_INFER,
                "arxiv:2309.99999": NOT_THERE,
            },
        ),
        Canary("a malformed id in a batch", {"doi:10.1162/tacl\\_a\\_00276": NOT_THERE}),
        Canary(
            "two phrases in one search",
            {
                "Splitwise: Efficient generative LLM inference using phase splitting": {"arxiv_id": "2311.18677"},
                "REST: Retrieval-Based Speculative Decoding": {"arxiv_id": "2311.08252"},
            },
            ask="search",
        ),
        Canary(
            "two names in one search",
            {"PowerInfer 2024": {"arxiv_id": "2312.12456"}, "SpotServe 2024": {"arxiv_id": "2311.15566"}},
            ask="names",
        ),
        Canary(
            "the closest title: none",
            {"Zyzzogeton quuxification of blorbified wombat lattices": NOT_THERE},
            ask="match",
        ),
    ),
)
CROSSREF = Service(
    name="crossref",
    title="Crossref",
    base="https://api.crossref.org",
    docs="https://www.crossref.org/documentation/retrieve-metadata/rest-api/",
    # The limits of lists since December 2025:
    # https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/
    limit=Limit(interval=1.0, concurrency=1),
    limit_with_contact=Limit(interval=1 / 3, concurrency=3),
    probe="/works?rows=0",
    canaries=(
        Canary(
            "a batch: known and not there",
            {
                "doi:10.1145/3600006.3613165": _PAGED,
                "doi:10.1145/3620666.3651335": _SPEC_INFER,
                "doi:10.1145/9999999.9999999": NOT_THERE,
            },
        ),
        # Asked alone, because of its comma.
        Canary("a malformed DOI alone", {"doi:10.1162/tacl\\_a\\_00276,b": NOT_THERE}),
        Canary(
            "retracted",
            {"doi:10.1016/s0140-6736(97)11096-0": {"title": "Ileal-lymphoid-nodular hyperplasia", "retracted": True}},
            is_specimen=True,
        ),
        Canary(
            "a search for a title",
            {"Splitwise: Efficient generative LLM inference using phase splitting": {"doi": "10.1109/isca59077.2024"}},
            ask="search",
        ),
    ),
)
DATACITE = Service(
    name="datacite",
    title="DataCite",
    base="https://api.datacite.org",
    docs="https://support.datacite.org/docs/api",
    # 1000 requests in five minutes for clients that leave an address:
    # https://support.datacite.org/docs/is-there-a-rate-limit-for-making-requests-against-the-datacite-apis
    limit=Limit(interval=0.3, concurrency=2),
    probe="/dois/10.48550/arxiv.1706.03762",
    canaries=(
        Canary(
            "a batch: known and not there",
            {"arxiv:2309.06180": _PAGED, "arxiv:2309.99999": NOT_THERE},
        ),
        Canary("a malformed DOI", {"doi:10.48550/arxiv.no-id": NOT_THERE}),
    ),
)
DOI = Service(
    name="doi",
    title="doi.org",
    base="https://doi.org",
    docs="https://www.handle.net/hnr_api.html",
    # No limit is published; five a second are gentle: https://www.doi.org/the-identifier/resources/handbook/
    limit=Limit(interval=0.2, concurrency=4),
    fresh_hours=30 * 24,
    probe="/api/handles/10.1000/1?type=URL",
    canaries=(
        Canary(
            "registered by Crossref and by DataCite",
            {
                "doi:10.1145/3600006.3613165": {"url": "dl.acm.org/doi/10.1145/3600006.3613165"},
                "arxiv:2309.06180": {"url": "arxiv.org/abs/2309.06180"},
            },
        ),
        Canary("not registered: a number of ACM's own", {"doi:10.5555/3571885.3571946": NOT_THERE}),
        Canary("a malformed DOI", {"doi:10.1162/tacl\\_a\\_00276": NOT_THERE}),
    ),
)
GITHUB = Service(
    name="github",
    title="GitHub",
    base="https://api.github.com",
    docs="https://docs.github.com/graphql",
    # One after the other, or a secondary limit comes:
    # https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    limit=Limit(concurrency=1),
    probe="/rate_limit",
    key="GITHUB_TOKEN",
    # On GitHub Enterprise the token of a job is that server's own, and github.com refuses it.
    key_server="GITHUB_API_URL",
    second_address=graphql,
    canaries=(
        Canary(
            "a batch: known, renamed and not there",
            {
                "github:deepspeedai/deepspeed": {"full_name": "deepspeedai/DeepSpeed", "archived": False},
                "github:microsoft/deepspeed": {"full_name": "deepspeedai/DeepSpeed"},
                "github:deepspeedai/no-such-repository-qz7w3": NOT_THERE,
            },
        ),
        Canary("archived", {"github:facebookresearch/maskrcnn-benchmark": {"archived": True}}, is_specimen=True),
        # GitHub allows no double hyphen in the name of an account.
        Canary("a malformed name", {"github:no--such--account/qz7w3": NOT_THERE}),
    ),
)
OPENALEX = Service(
    name="openalex",
    title="OpenAlex",
    base="https://api.openalex.org",
    docs="https://developers.openalex.org",
    # A hundred requests a second are allowed; what counts is the day's budget in dollars:
    # https://developers.openalex.org/guides/authentication
    limit=Limit(interval=0.1, concurrency=2),
    probe="/works/doi:10.7717/peerj.4375?select=id",  # one work by its identifier costs nothing
    key="OPENALEX_API_KEY",
    canaries=(
        Canary(
            "a batch: known and not there",
            {"doi:10.1145/3600006.3613165": _PAGED, "doi:10.1145/9999999.9999999": NOT_THERE},
        ),
        Canary("a malformed DOI", {"doi:10.1162/tacl\\_a\\_00276": NOT_THERE}),
        Canary(
            "a search for a title",
            {"Splitwise: Efficient generative LLM inference using phase splitting": {"title": "Splitwise"}},
            ask="search",
        ),
    ),
    needs_key=True,
    fills_gaps_of=("doi", "arxiv"),
)
ARCHIVE = Service(
    name="archive",
    title="Internet Archive",
    base="https://archive.org",
    docs="https://archive.org/help/wayback_api.php",
    # No limit is published; users meet refusals beyond 15 a minute:
    # https://github.com/edgi-govdata-archiving/wayback/issues/137
    limit=Limit(interval=1.0, concurrency=1),
    other_hosts=("web.archive.org",),
    fresh_hours=90 * 24,
    canaries=(
        Canary(
            "a page with copies and one without",
            {
                "https://www.python.org/": {"url": "web.archive.org/web/"},
                "https://www.usenix.org/no-such-page-qz7w3": NOT_THERE,
            },
            ask="copy",
        ),
    ),
)

SERVICES = (ARXIV, SEMANTIC_SCHOLAR, CROSSREF, DATACITE, DOI, GITHUB, OPENALEX, ARCHIVE)
"""All services, in the order of `doctor`."""

KEY_VARIABLES = tuple(service.key for service in SERVICES if service.key)
"""The environment variables with keys; keys are never read from a file."""

# Other sources of records and evidence.
RETRACTION_WATCH = "retraction_watch"
LIST = "list"
PAGE = "page"
WEB = "web"
EARLIER_RUNS = "history"
ACM = "acm"
URL = "url"
FILE = "file"
DBLP = "dblp"

_SNAPSHOT = "-snapshot"
SNAPSHOTS: Mapping[str, str] = {"arxiv": ARXIV.name, "dblp": DBLP, "datacite-states": DATACITE.name}
"""The kinds of local copies of public metadata, with the source of each."""

_TITLES: Mapping[str, str] = {
    **{service.name: service.title for service in SERVICES},
    RETRACTION_WATCH: "Retraction Watch",
    LIST: "your list",
    PAGE: "the page",
    WEB: "the page",
    EARLIER_RUNS: "earlier runs",
    ACM: "ACM",
    URL: "the URL",
    FILE: "on disk",
    DBLP: "DBLP",
}


def snapshot_of(source: str) -> str:
    """Return the name of a snapshot of a source's data."""
    return f"{source}{_SNAPSHOT}"


def source_of(provenance: str) -> str:
    """Return the source of a value, without its snapshot."""
    return provenance.partition("@")[0].removesuffix(_SNAPSHOT)


def attributed(name: str, words: str) -> str:
    """Return a source's message with its title in front, unless the message begins with it."""
    title = title_of(name)
    return words if words.startswith(title) else f"{title}: {words}"


def title_of(name: str) -> str:
    """Return what people call a service or another source of a record or of evidence; an unknown name as it is.

    That of a snapshot is `arxiv-snapshot`, or `arxiv-snapshot@2026-11-20` with the day of its data.
    """
    source, _, day = name.partition("@")
    if source.endswith(_SNAPSHOT):
        title = title_of(source.removesuffix(_SNAPSHOT))
        return f"{title} snapshot of {day}" if day else f"{title} snapshot"
    return _TITLES.get(name, name)
