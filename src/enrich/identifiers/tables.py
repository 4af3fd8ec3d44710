"""How sites write identifiers into their addresses: a row a site."""

from __future__ import annotations

import re

# What some put behind it that would be part of a DOI elsewhere: a preprint's version, an article's number and name.
HOSTS_TAIL = (
    (("biorxiv.org", "medrxiv.org"), re.compile(r"(?<=[0-9])(?:v[0-9]{1,3})?(?:\.[a-z][a-z.+-]*)?$", re.IGNORECASE)),
    (("academic.oup.com", "direct.mit.edu", "pubs.aip.org"), re.compile(r"(?<=\w)/[0-9]{5,}(?:/.*)?$")),
)

# Sites whose addresses hold a DOI's suffix without its prefix.
SUFFIX_ONLY = (
    (
        "nature.com",
        re.compile(r"/articles/(?=[a-z._-]*[0-9])([a-z0-9][a-z0-9._-]*?)(?:\.pdf)?/?(?:\?|$)"),
        "10.1038/{}",
    ),
    (
        "nature.com",
        re.compile(r"/\w+/journal/v[0-9]+/n[0-9]+/(?:full|abs|pdf)/([a-z0-9][a-z0-9.-]*?)\.(?:html|pdf)"),
        "10.1038/{}",
    ),
    ("zenodo.org", re.compile(r"/records?/([0-9]+)"), "10.5281/zenodo.{}"),
    ("figshare.com", re.compile(r"/articles/(?:[^/]+/){1,2}([0-9]+)(?:/[0-9]+)?/?(?:\?|$)"), "10.6084/m9.figshare.{}"),
    ("acm.org", re.compile(r"/citation\.cfm\?(?:.*&)?doid=([0-9.]+)"), "10.1145/{}"),
    (
        "ssrn.com",
        re.compile(r"/(?:sol3/(?:papers|delivery)\.cfm.*[?&]abstract_?id|abstract)=([0-9]+)", re.IGNORECASE),
        "10.2139/ssrn.{}",
    ),
    ("elifesciences.org", re.compile(r"/articles/([0-9]+)(?:v[0-9]+)?(?:\.pdf)?/?(?:\?|$)"), "10.7554/elife.{}"),
    ("peerj.com", re.compile(r"/articles/([0-9]+)(?:\.pdf)?/?(?:\?|$)"), "10.7717/peerj.{}"),
    ("peerj.com", re.compile(r"/articles/cs-([0-9]+)(?:\.pdf)?/?(?:\?|$)"), "10.7717/peerj-cs.{}"),
    ("hindawi.com", re.compile(r"/(?:journals|archive)/\w+/([0-9]{4})/([0-9]+)/?(?:\?|$)"), "10.1155/{}/{}"),
    ("biorxiv.org", re.compile(r"/content/(?:biorxiv/)?early/[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9]{6})"), "10.1101/{}"),
    (
        "drops.dagstuhl.de",
        re.compile(r"/storage/.*/((?:lipics|oasics)\.[\w-]+(?:\.[0-9]+){2})(?:\.pdf)?$", re.ASCII | re.IGNORECASE),
        "10.4230/{}",
    ),
    # Since 2017: https://www.ijcai.org/proceedings/2017/
    (
        "ijcai.org",
        re.compile(r"/[Pp]roceedings/(201[7-9]|20[2-9][0-9])/0*([1-9][0-9]*)(?:\.pdf)?/?$"),
        "10.24963/ijcai.{}/{}",
    ),
    (
        "preprints.org",
        re.compile(r"/manuscript/([0-9]{6}\.[0-9]{4})/(v[0-9]+)(?:/\w+)?/?(?:\?|$)"),
        "10.20944/preprints{}.{}",
    ),
    ("preprints.org", re.compile(r"/manuscript/([0-9]{6}\.[0-9]{4})/?(?:\?|$)"), "10.20944/preprints{}.v1"),
    ("researchsquare.com", re.compile(r"/article/(rs-[0-9]+)/(v[0-9]+)(?:\.pdf)?/?(?:\?|$)"), "10.21203/rs.3.{}/{}"),
    ("researchsquare.com", re.compile(r"/article/(rs-[0-9]+)(?:\.pdf)?/?(?:\?|$)"), "10.21203/rs.3.{}/v1"),
    ("scipost.org", re.compile(r"/(SciPost\w+\.[0-9]+\.[0-9]+\.[0-9]+)(?:/pdf)?/?$"), "10.21468/{}"),
    (
        "pubs.rsc.org",
        re.compile(
            r"/\w\w/content/article(?:landing|html|pdf)/[0-9]{4}/\w\w/([a-z][0-9][a-z]{2}[0-9]{5}[a-z0-9])/?(?:\?|$)",
            re.IGNORECASE,
        ),
        "10.1039/{}",
    ),
    # Preprint servers on OSF; those of today end in their version.
    *(
        (host, re.compile(pattern), f"{prefix}/osf.io/{{}}")
        for name, prefix in (
            ("osf", "10.31219"),
            ("psyarxiv", "10.31234"),
            ("socarxiv", "10.31235"),
            ("engrxiv", "10.31224"),
            ("eartharxiv", "10.31223"),
            ("edarxiv", "10.35542"),
        )
        for host, pattern in (
            ("osf.io", rf"/preprints/{name}/([a-z0-9]{{5}}(?:_v[0-9]+)?)(?:/.*)?$"),
            (f"{name}.com", r"/([a-z0-9]{5}(?:_v[0-9]+)?)(?:/.*)?$"),
        )
    ),
)


_NEW = r"(?P<id>[0-9]{4}\.[0-9]{4,5})"

# Sites about arXiv's papers, or of their metadata: host, and a path that holds the id or its two halves.
ABOUT_ARXIV = (
    ("huggingface.co", re.compile(rf"/papers/{_NEW}")),
    ("hf.co", re.compile(rf"/papers/{_NEW}")),
    ("semanticscholar.org", re.compile(rf"/(?:graph/v1/paper/|v1/paper/)?arxiv[/:]{_NEW}", re.IGNORECASE)),
    ("scirate.com", re.compile(rf"/arxiv/{_NEW}")),
    ("papers.cool", re.compile(rf"/arxiv/{_NEW}")),
    ("inspirehep.net", re.compile(rf"/(?:api/)?arxiv/{_NEW}")),
    ("arxiv-vanity.com", re.compile(rf"/papers/{_NEW}")),
    ("emergentmind.com", re.compile(rf"/papers/{_NEW}")),
    ("adsabs.harvard.edu", re.compile(r"/(?:abs/)?[0-9]{4}arXiv(?P<first>[0-9]{4})\.?(?P<second>[0-9]{4,5})[A-Z.]")),
    ("adsabs.harvard.edu", re.compile(rf"/abs/arXiv:{_NEW}", re.IGNORECASE)),
    ("dblp.org", re.compile(r"/rec/(?:\w+/)?journals/corr/abs-(?P<first>[0-9]{4})-(?P<second>[0-9]{4,5})\b")),
    ("dblp.uni-trier.de", re.compile(r"/rec/(?:\w+/)?journals/corr/abs-(?P<first>[0-9]{4})-(?P<second>[0-9]{4,5})\b")),
)

# Addresses that hold another one: host, and where in path and query it is.
WRAPPERS = (
    ("web.archive.org", re.compile(r"/web/[0-9]{4,14}(?:[a-z]{2}_)?\*?/(?P<url>.+)", re.DOTALL)),
    ("archive.org", re.compile(r"/(?:wayback|web)/[0-9]{4,14}(?:[a-z]{2}_)?/(?P<url>.+)", re.DOTALL)),
    ("archive.ph", re.compile(r"/(?:[0-9]{4,14}|newest|o/\w+)/(?P<url>https?:.+)", re.DOTALL)),
    ("webcitation.org", re.compile(r"/[^?]*\?(?:.*&)?url=(?P<encoded>[^&]+)")),
    ("google.com", re.compile(r"/url\?(?:.*&)?(?:q|url)=(?P<encoded>https?[^&]+)")),
    ("scholar.google.com", re.compile(r"/scholar_url\?(?:.*&)?url=(?P<encoded>https?[^&]+)")),
    ("l.facebook.com", re.compile(r"/l\.php\?(?:.*&)?u=(?P<encoded>https?[^&]+)")),
    ("linkedin.com", re.compile(r"/redir/redirect\?(?:.*&)?url=(?P<encoded>https?[^&]+)")),
    ("link.zhihu.com", re.compile(r"/\?(?:.*&)?target=(?P<encoded>https?[^&]+)")),
    ("slack-redir.net", re.compile(r"/link\?(?:.*&)?url=(?P<encoded>https?[^&]+)")),
)

# Papers of medicine: host, path with the PubMed id or the PubMed Central id.
PUBMED = (
    ("pubmed.ncbi.nlm.nih.gov", re.compile(r"/(?P<pmid>[1-9][0-9]{0,8})/?$")),
    ("ncbi.nlm.nih.gov", re.compile(r"/(?:m/)?pubmed/(?P<pmid>[1-9][0-9]{0,8})/?$")),
    ("ncbi.nlm.nih.gov", re.compile(r"/(?:labs/)?pmc/articles/PMC(?P<pmc>[1-9][0-9]{0,8})(?:/|$)", re.IGNORECASE)),
    ("pmc.ncbi.nlm.nih.gov", re.compile(r"/articles/PMC(?P<pmc>[1-9][0-9]{0,8})(?:/|$)", re.IGNORECASE)),
    ("europepmc.org", re.compile(r"/(?:article|abstract)/med/(?P<pmid>[1-9][0-9]{0,8})(?:/|$)", re.IGNORECASE)),
    ("europepmc.org", re.compile(r"/(?:articles?|article/pmc)/PMC(?P<pmc>[1-9][0-9]{0,8})(?:/|$)", re.IGNORECASE)),
)
