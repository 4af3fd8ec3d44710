"""URLs and text to identifiers, and back."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.identifiers import (
    GITHUB_RESERVED,
    arxiv_version,
    doi,
    normalise_url,
    of_text,
    of_url,
    parse,
    repaired_doi,
    url_of,
)
from enrich.model import Identifier, Scheme


def ids(*texts: str) -> tuple[Identifier, ...]:
    """Identifiers as `scheme:value`."""
    return tuple(Identifier(Scheme(scheme), value) for scheme, _, value in (text.partition(":") for text in texts))


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2303.06865",
        "http://www.arxiv.org/abs/2303.06865v2",
        "https://arxiv.org/pdf/2303.06865",
        "https://arxiv.org/pdf/2303.06865v2.pdf#page=3",
        "https://arxiv.org/html/2303.06865v1/",
        "https://arxiv.org/ftp/arxiv/papers/2303/2303.06865.pdf",
        "https://arxiv.org/abs/arXiv:2303.06865",
        "https://arxiv.org/abs/2303.06865%20",
        "  https://export.arxiv.org/abs/2303.06865?context=cs.LG  ",
        "https://ar5iv.labs.arxiv.org/html/2303.06865",
        "https://ar5iv.org/abs/2303.06865",
        "https://www.alphaxiv.org/abs/2303.06865",
        "https://huggingface.co/papers/2303.06865",
        "https://doi.org/10.48550/arXiv.2303.06865",
        "https://doi.org/10.48550/ARXIV.2303.06865v3",
        "https://arxiv.org/abs/2303.06865).",
    ],
)
def test_every_address_of_an_arxiv_paper_names_it(url: str) -> None:
    assert of_url(url) == ids("arxiv:2303.06865")


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://arxiv.org/abs/cs/0112017", "cs/0112017"),
        ("https://arxiv.org/pdf/hep-th/9901001v3.pdf", "hep-th/9901001"),
        ("https://arxiv.org/abs/math.GT/0309136", "math/0309136"),
        ("http://xxx.lanl.gov/abs/cond-mat/0102536", "cond-mat/0102536"),
        ("https://arxiv.org/abs/0704.0001", "0704.0001"),
    ],
)
def test_old_arxiv_ids_come_in_the_form_that_arxiv_answers_with(url: str, value: str) -> None:
    assert of_url(url) == ids(f"arxiv:{value}")


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/list/cs.LG/recent",
        "https://arxiv.org/abs/2303.068655",
        "https://arxiv.org/a/sheng_y_1",
        "https://arxiv.org.example.com/abs/2303.06865",
        "https://notarxiv.org/abs/2303.06865",
        "https://huggingface.co/datasets/2303.06865",
        "https://arxiv.org/abs/２３０３.06865",
        "https://github.com/features/copilot",
        "https://github.com/Sponsors/someone",
        "https://github.com/someone",
        "https://github.com/some_one/repository",
        "https://github.com/owner/..",
        "https://github.com/owner/name%0Aquery",
        "https://gist.github.com/someone/0123456789abcdef",
        "https://owner.github.io/repository",
        "https://delivery.acm.org/10.1145/3190000/3186116/p499-someone.pdf?ip=1.2.3.4",
        "https://web.archive.org/web/2020/https://github.com/owner/name",
        "https://web.archive.org/web/2020/https://web.archive.org/web/2019/https://arxiv.org/abs/2303.06865",
        "https://www.google.com/search?q=10.1145/3190508.3190541",
        "https://www.google.com/url?sa=t&q=https%3A%2F%2Fexample.org%2F",
        "https://huggingface.co/papers",
        "https://www.semanticscholar.org/arxiv/",
        "https://ui.adsabs.harvard.edu/abs/2013ApJ...770...57B/abstract",
        "https://dblp.org/rec/conf/icml/RadfordKHRGASAM21",
        "https://pubmed.ncbi.nlm.nih.gov/?term=33301246",
        "https://www.ncbi.nlm.nih.gov/books/NBK430685/",
        "https://osf.io/abcde/",
        "https://pubs.rsc.org/en/journals/journalissues/sc",
        # Numbers of the ACM Digital Library: many such papers were published by others and have no DOI.
        "https://dl.acm.org/citation.cfm?id=2999134.2999257",
        "https://www.nature.com/articles/",
        "https://www.nature.com/subjects/physics",
        "https://www.ijcai.org/proceedings/2019/",
        "https://www.ijcai.org/proceedings/2016/366",
        "https://openreview.net/group?id=ICLR.cc/2021/Conference",
        "https://openreview.net/forum?id=ab",
        "https://openreview.net/about?id=S1eL4kBYwr",
        "https://aclanthology.org/venues/acl/",
        "https://notaclanthology.org/P19-1001",
        "https://www.semanticscholar.org/author/A/2109157",
        "https://example.org/",
        "mailto:someone@example.org",
        "ftp://arxiv.org/abs/2303.06865",
        "docs/2303.06865.md",
        "http://[broken",
        "",
    ],
)
def test_what_names_nothing_has_no_identifier(url: str) -> None:
    assert of_url(url) == ()


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://doi.org/10.1145/3190508.3190541", "10.1145/3190508.3190541"),
        ("http://dx.doi.org/10.1145/3190508.3190541/", "10.1145/3190508.3190541"),
        ("https://doi.org/doi:10.1145/3190508.3190541", "10.1145/3190508.3190541"),
        ("https://doi.acm.org/10.1145/3190508.3190541", "10.1145/3190508.3190541"),
        ("https://dl.acm.org/doi/pdf/10.1145/3190508.3190541", "10.1145/3190508.3190541"),
        ("https://dl.acm.org/doi/fullHtml/10.1145/3190508.3190541", "10.1145/3190508.3190541"),
        ("https://dl.acm.org/citation.cfm?id=1&doid=3190508.3190541", "10.1145/3190508.3190541"),
        ("https://link.springer.com/chapter/10.1007/978-3-319-46448-0_8", "10.1007/978-3-319-46448-0_8"),
        ("https://link.springer.com/content/pdf/10.1007%2F978-3-319-46448-0_8.pdf", "10.1007/978-3-319-46448-0_8"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/cpe.5206", "10.1002/cpe.5206"),
        ("https://www.emerald.com/insight/content/doi/10.1108/EL-06-2022-0141/full/html", "10.1108/el-06-2022-0141"),
        ("https://www.frontiersin.org/articles/10.3389/fnins.2020.00001/full", "10.3389/fnins.2020.00001"),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0123456", "10.1371/journal.pone.0123456"),
        ("https://www.biorxiv.org/content/10.1101/2020.01.02.123456v2.full.pdf", "10.1101/2020.01.02.123456"),
        ("https://academic.oup.com/bib/article/doi/10.1093/bib/bbac409/6711410", "10.1093/bib/bbac409"),
        ("https://www.nature.com/articles/s42256-021-00337-8#Sec1", "10.1038/s42256-021-00337-8"),
        ("https://www.nature.com/articles/nature14539.pdf?x=1", "10.1038/nature14539"),
        ("https://zenodo.org/records/7536416/files/data.zip", "10.5281/zenodo.7536416"),
        ("https://zenodo.org/badge/DOI/10.5281/zenodo.7536416.svg", "10.5281/zenodo.7536416"),
        ("https://figshare.com/articles/dataset/Traces_of_a_cluster/12345678/2", "10.6084/m9.figshare.12345678"),
        ("https://dataverse.example.edu/dataset.xhtml?persistentId=doi:10.7910/DVN/ABC123", "10.7910/dvn/abc123"),
        ("https://papers.ssrn.com/sol3/papers.cfm?abstract_id=3126971", "10.2139/ssrn.3126971"),
        ("https://papers.ssrn.com/sol3/Delivery.cfm/a.pdf?abstractid=3126971&mirid=1", "10.2139/ssrn.3126971"),
        ("https://direct.mit.edu/tacl/article/doi/10.1162/tacl_a_00300/43539/SpanBERT", "10.1162/tacl_a_00300"),
        ("https://pubs.aip.org/x/article-pdf/doi/10.1063/1.4938384/15174088/235306_1.pdf", "10.1063/1.4938384"),
        ("https://www.nature.com/nature/journal/v518/n7540/full/nature14236.html", "10.1038/nature14236"),
        ("https://www.biorxiv.org/content/early/2018/01/31/123456", "10.1101/123456"),
        ("https://www.hindawi.com/journals/scn/2021/1234567/", "10.1155/2021/1234567"),
        ("https://elifesciences.org/articles/47314", "10.7554/elife.47314"),
        ("https://peerj.com/articles/cs-123/", "10.7717/peerj-cs.123"),
        ("https://peerj.com/articles/4567.pdf", "10.7717/peerj.4567"),
        ("https://www.spiedigitallibrary.org/a/1/2/A-Name/10.1117/12.2520589.short", "10.1117/12.2520589"),
        ("https://drops.dagstuhl.de/entities/document/10.4230/LIPIcs.ITCS.2021.1", "10.4230/lipics.itcs.2021.1"),
        (
            "https://drops.dagstuhl.de/storage/00lipics/lipics-vol185-itcs2021/LIPIcs.ITCS.2021.1/LIPIcs.ITCS.2021.1.pdf",
            "10.4230/lipics.itcs.2021.1",
        ),
        ("https://www.ijcai.org/proceedings/2019/0366.pdf", "10.24963/ijcai.2019/366"),
        # In the resolver's own address everything is the DOI, what looks like a publisher's tail included.
        ("https://doi.org/10.1234/some/full", "10.1234/some/full"),
        (
            "https://doi.org/10.1002/(SICI)1097-0258(19980815/30)17:15/16%3C1661::AID-SIM968%3E3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
        ),
    ],
)
def test_publishers_addresses_hold_a_doi(url: str, value: str) -> None:
    assert of_url(url) == ids(f"doi:{value}")


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://dl.acm.org/doi/10.5555/3295222.3295349", "acm:10.5555/3295222.3295349"),
        ("https://github.com/FMInference/FlexGen", "github:fminference/flexgen"),
        ("https://www.github.com/pytorch/serve.git", "github:pytorch/serve"),
        ("https://github.com/pytorch/serve/tree/master/docs#top", "github:pytorch/serve"),
        ("https://raw.githubusercontent.com/pytorch/serve/master/README.md", "github:pytorch/serve"),
        ("https://codeload.github.com/pytorch/serve/zip/refs/heads/master", "github:pytorch/serve"),
        ("https://github.com/owner/.github", "github:owner/.github"),
        ("https://github.com/owner/name/blob/main/10.1145/notes.md", "github:owner/name"),
        ("https://openreview.net/forum?id=S1eL4kBYwr&noteId=x", "openreview:S1eL4kBYwr"),
        ("https://www.openreview.net/pdf?id=rJl-b3RcF7", "openreview:rJl-b3RcF7"),
        ("https://aclanthology.org/2021.emnlp-main.223/", "acl:2021.emnlp-main.223"),
        ("https://aclanthology.org/2021.emnlp-main.223v2.pdf", "acl:2021.emnlp-main.223"),
        ("https://www.aclweb.org/anthology/p19-1001.bib", "acl:P19-1001"),
        ("http://aclweb.org/anthology/P/P19/P19-1001.pdf", "acl:P19-1001"),
        ("https://www.aclweb.org/anthology/papers/P/P19/P19-1001/", "acl:P19-1001"),
        (
            "https://www.semanticscholar.org/paper/FlexGen-Sheng-Zheng/42a14d824caa3348046eb34c37e2ab7985faa7a3?x",
            "semantic_scholar:42a14d824caa3348046eb34c37e2ab7985faa7a3",
        ),
    ],
)
def test_other_registries_addresses(url: str, named: str) -> None:
    assert of_url(url) == ids(named)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("arXiv 2303.06865", ["arxiv:2303.06865"]),
        ("arXiv:2303.06865v2 [cs.LG]", ["arxiv:2303.06865"]),
        ("CoRR, arXiv preprint arXiv:2303.06865, 2023", ["arxiv:2303.06865"]),
        ("e.g. https://arxiv.org/abs/2303.06865.", ["arxiv:2303.06865"]),
        ("arXiv: math.GT/0309136", ["arxiv:math/0309136"]),
        ("version 2303.06865 of the data", []),
        ("arXiv 2023.1", []),
        ("arXiv:2303.068651", []),
        ("doi:10.1145/3190508.3190541.", ["doi:10.1145/3190508.3190541"]),
        ("(10.1145/3190508.3190541)", ["doi:10.1145/3190508.3190541"]),
        ("10.1016/0032-3861(88)90189-6; see there", ["doi:10.1016/0032-3861(88)90189-6"]),
        ("发表于（DOI：10.1145/3190508.3190541，2018年）", ["doi:10.1145/3190508.3190541"]),
        ("论文10.1145/3190508.3190541。", ["doi:10.1145/3190508.3190541"]),
        ("[10.1145/1.2](https://doi.org/10.1145/1.2)", ["doi:10.1145/1.2"]),
        ("10.1145/1.2,10.1145/3.4", ["doi:10.1145/1.2", "doi:10.1145/3.4"]),
        ("doi 10.1/2 is too short, 110.1145/7 is none", []),
        ("doi:10.5555/3295222 and arXiv:2303.06865", ["acm:10.5555/3295222", "arxiv:2303.06865"]),
        ("https://doi.org/10.48550/arXiv.2303.06865", ["arxiv:2303.06865"]),
        ("SOSP'23, pp. 10-12/13", []),
    ],
)
def test_running_text(text: str, named: list[str]) -> None:
    assert of_text(text) == ids(*named)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("2303.06865", "arxiv:2303.06865"),
        (" arXiv: 2303.06865v2 ", "arxiv:2303.06865"),
        ("math.GT/0309136", "arxiv:math/0309136"),
        ("arxiv.org/abs/2303.06865", "arxiv:2303.06865"),
        ("https://arxiv.org/abs/2303.06865", "arxiv:2303.06865"),
        ("10.1145/3190508.3190541", "doi:10.1145/3190508.3190541"),
        ("DOI 10.1145/3190508.3190541", "doi:10.1145/3190508.3190541"),
        ("doi.org/10.1145/3190508.3190541", "doi:10.1145/3190508.3190541"),
        ("10.1000/10.1145/x", "doi:10.1000/10.1145/x"),
        ("10.48550/arXiv.2303.06865", "arxiv:2303.06865"),
        ("10.5555/3295222.3295349", "acm:10.5555/3295222.3295349"),
        (
            "42a14d824caa3348046eb34c37e2ab7985faa7a3",
            "semantic_scholar:42a14d824caa3348046eb34c37e2ab7985faa7a3",
        ),
        ("github.com/pytorch/serve", "github:pytorch/serve"),
    ],
)
def test_what_a_person_types(text: str, named: str) -> None:
    assert (parse(text),) == ids(named)


@pytest.mark.parametrize(
    "text", ["", "10/10", "10/", "Attention is all you need", "arxiv:None", "10.1145/", "2303.0686555", "http://["]
)
def test_what_is_no_identifier(text: str) -> None:
    assert parse(text) is None


def test_a_sentences_punctuation_is_no_part_of_a_doi() -> None:
    assert doi("10.1145/1.2).") == doi("10.1145/1.2") == doi(" 10.1145/1.2, ")
    assert doi("10.1016/0032-3861(88)90189") == Identifier(Scheme.DOI, "10.1016/0032-3861(88)90189")
    assert doi("10.1145") is None
    assert doi("(") is None


@pytest.mark.parametrize(
    ("url", "version"),
    [
        ("https://arxiv.org/abs/2303.06865v2", 2),
        ("https://arxiv.org/pdf/2303.06865v12.pdf", 12),
        ("https://arxiv.org/abs/2303.06865", None),
        ("https://arxiv.org/", None),
        ("http://[", None),
    ],
)
def test_the_version_that_an_arxiv_address_asks_for(url: str, version: int | None) -> None:
    assert arxiv_version(url) == version


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://Example.org/a/", "https://www.example.org/a"),
        ("https://example.org:443/a?b=1&a=2#top", "https://example.org/a?a=2&b=1"),
        ("https://example.org/a?utm_source=list&spm=1", "https://example.org/a"),
        ("https://example.org/%7Eme/a%2Db", "https://example.org/~me/a-b"),
        ("https://example.org/a+b?q=a+b", "https://example.org/a+b?q=a%20b"),
        ("http://example.org:80", "https://example.org/"),
    ],
)
def test_addresses_of_one_page_are_equal(one: str, other: str) -> None:
    assert normalise_url(one) == normalise_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://example.org/a?b=1", "https://example.org/a?b=2"),
        ("https://example.org/%E9", "https://example.org/%E8"),
        ("https://example.org/?q=%E9", "https://example.org/?q=%E8"),
        ("https://example.org/a%2525", "https://example.org/a%25"),
        ("mailto:a@example.org", "mailto:b@example.org"),
        ("docs/a.md#x", "docs/a.md#y"),
        ("http://[1", "http://[2"),
    ],
)
def test_addresses_of_different_pages_differ(one: str, other: str) -> None:
    assert normalise_url(one) != normalise_url(other)


def test_an_ipv6_address_keeps_its_brackets() -> None:
    assert normalise_url("http://[2001:DB8::1]:8080/a") == "https://[2001:db8::1]:8080/a"


words = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
arxiv_ids = st.from_regex(r"[0-9]{4}\.[0-9]{4,5}|(cs|math|hep-th|q-bio)/[0-9]{7}", fullmatch=True)
dois = st.from_regex(r"10\.[0-9]{4,9}/[a-z0-9._()/:-]{0,20}[a-z0-9]", fullmatch=True).filter(
    lambda text: not text.startswith(("10.5555/", "10.48550/"))
)
owners = words.filter(lambda text: text not in GITHUB_RESERVED)
names = st.from_regex(r"[a-z0-9_][a-z0-9._-]{0,20}", fullmatch=True).filter(lambda text: not text.endswith(".git"))
identifiers = st.one_of(
    st.builds(Identifier, st.just(Scheme.ARXIV), arxiv_ids),
    st.builds(Identifier, st.just(Scheme.DOI), dois),
    st.builds(Identifier, st.just(Scheme.ACM), dois.map(lambda text: "10.5555/" + text.partition("/")[2])),
    st.builds(Identifier, st.just(Scheme.GITHUB), st.builds("{}/{}".format, owners, names)),
    st.builds(
        Identifier, st.just(Scheme.SEMANTIC_SCHOLAR), st.text(string.hexdigits.lower(), min_size=40, max_size=40)
    ),
    st.builds(Identifier, st.just(Scheme.OPENREVIEW), st.from_regex(r"[A-Za-z0-9_-]{6,14}", fullmatch=True)),
    st.builds(Identifier, st.just(Scheme.ACL), st.from_regex(r"[0-9]{4}\.[a-z]+-[a-z]+\.[0-9]+", fullmatch=True)),
)


@given(identifiers)
def test_an_identifiers_own_page_leads_back_to_it(identifier: Identifier) -> None:
    back = of_url(url_of(identifier))
    if identifier.scheme is Scheme.ACM:
        # A publisher's address: what looks like a publisher's tail is taken for one.
        assert {found.scheme for found in back} == {Scheme.ACM}
    else:
        assert back == (identifier,)


@given(arxiv_ids, st.integers(1, 99), st.sampled_from(["abs/{}v{}", "pdf/{}v{}.pdf", "html/{}v{}#S1"]))
def test_a_version_is_split_off(arxiv_id: str, version: int, form: str) -> None:
    url = "https://arxiv.org/" + form.format(arxiv_id, version)
    assert (of_url(url), arxiv_version(url)) == (ids(f"arxiv:{arxiv_id}"), version)


@given(st.text())
def test_any_text_is_taken_calmly(text: str) -> None:
    for found in (*of_url(text), *of_url("https://doi.org/" + text), *of_text(text), *filter(None, [parse(text)])):
        assert found.value.isascii()
        assert found.value.isprintable()
        assert " " not in found.value
    assert arxiv_version(text) is None or "v" in text.lower()


urls = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["example.org", "www.example.org", "WWW.www.Example.ORG", "[::1]"]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.text(st.characters(exclude_characters="?#")),
    st.text(st.characters(exclude_characters="#")),
    st.text(),
)


@given(urls | st.text())
def test_a_normal_form_is_its_own_normal_form(url: str) -> None:
    assert normalise_url(normalise_url(url)) == normalise_url(url)


@pytest.mark.parametrize("text", ["10.1234/" + "(" * 50_000 + ")" * 50_000, "10.1234/" + "a" * 3_000])
def test_what_is_too_long_is_no_doi(text: str) -> None:
    assert doi(text) is None


def test_a_version_of_thousands_of_digits_is_none() -> None:
    assert arxiv_version(f"https://arxiv.org/abs/2303.06865v{'1' * 5_000}") is None


ELSEWHERE = """
https://hf.co/papers/1706.03762 arxiv:1706.03762
https://huggingface.co/papers/1706.03762v2?ref=x arxiv:1706.03762
https://www.semanticscholar.org/arxiv/1706.03762 arxiv:1706.03762
https://api.semanticscholar.org/arXiv:1706.03762 arxiv:1706.03762
https://api.semanticscholar.org/graph/v1/paper/arXiv:1706.03762?fields=title arxiv:1706.03762
https://api.semanticscholar.org/CorpusID:13756489 semantic_scholar:CorpusId:13756489
https://api.semanticscholar.org/CorpusId:13756489/ semantic_scholar:CorpusId:13756489
https://www.semanticscholar.org/paper/CorpusID:13756489 semantic_scholar:CorpusId:13756489
https://api.semanticscholar.org/graph/v1/paper/CorpusID:13756489 semantic_scholar:CorpusId:13756489
https://scirate.com/arxiv/1706.03762 arxiv:1706.03762
https://papers.cool/arxiv/1706.03762 arxiv:1706.03762
https://www.alphaxiv.org/overview/1706.03762v7 arxiv:1706.03762
https://www.arxiv-vanity.com/papers/1706.03762/ arxiv:1706.03762
https://inspirehep.net/api/arxiv/1706.03762 arxiv:1706.03762
https://ui.adsabs.harvard.edu/abs/2017arXiv170603762V/abstract arxiv:1706.03762
http://adsabs.harvard.edu/abs/2013arXiv1301.3781M arxiv:1301.3781
https://ui.adsabs.harvard.edu/abs/arXiv:1706.03762 arxiv:1706.03762
https://dblp.org/rec/journals/corr/abs-1706-03762.html?view=bibtex arxiv:1706.03762
https://dblp.uni-trier.de/rec/bibtex/journals/corr/abs-1706-03762 arxiv:1706.03762
https://web.archive.org/web/20200101000000/https://arxiv.org/abs/1706.03762 arxiv:1706.03762
https://web.archive.org/web/2020id_/http:/arxiv.org/pdf/1706.03762v5.pdf arxiv:1706.03762
http://web.archive.org/web/2019/https%3A%2F%2Farxiv.org%2Fabs%2F1706.03762 arxiv:1706.03762
https://web.archive.org/web/2019/arxiv.org/abs/1706.03762 arxiv:1706.03762
https://web.archive.org/web/2020/https://doi.org/10.1145/3190508.3190541 doi:10.1145/3190508.3190541
https://web.archive.org/web/2020/https://openreview.net/forum?id=rJXMpikCZ openreview:rJXMpikCZ
https://www.google.com/url?q=https://arxiv.org/abs/1706.03762&sa=D&usg=x arxiv:1706.03762
https://www.google.com/url?sa=t&url=https%3A%2F%2Fdoi.org%2F10.1000%2F182 doi:10.1000/182
https://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/1706.03762&hl=en arxiv:1706.03762
https://link.zhihu.com/?target=https%3A//arxiv.org/abs/1706.03762 arxiv:1706.03762
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v1.full.pdf+html doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v1.full doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v2.full-text doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v12 doi:10.1101/2021.06.06.079116
https://biorxiv.org/content/10.1101/2021.06.06.079116.abstract doi:10.1101/2021.06.06.079116
https://www.medrxiv.org/content/10.1101/2020.05.05.20079115v1.article-metrics doi:10.1101/2020.05.05.20079115
https://www.medrxiv.org/content/10.1101/2020.05.05.20079115v1.supplementary-material doi:10.1101/2020.05.05.20079115
https://www.biorxiv.org/content/10.1101/079115v1.article-info doi:10.1101/079115
https://pubmed.ncbi.nlm.nih.gov/33301246/ pmid:33301246
https://www.ncbi.nlm.nih.gov/pubmed/33301246 pmid:33301246
https://pmc.ncbi.nlm.nih.gov/articles/PMC7727326/pdf/main.pdf pmc:PMC7727326
https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7727326/?report=classic pmc:PMC7727326
https://europepmc.org/article/MED/33301246 pmid:33301246
https://europepmc.org/article/PMC/PMC7727326 pmc:PMC7727326
http://aclanthology.info/papers/P16-1160/p16-1160 acl:P16-1160
https://www.preprints.org/manuscript/202101.0001/v2 doi:10.20944/preprints202101.0001.v2
https://www.preprints.org/manuscript/202101.0001 doi:10.20944/preprints202101.0001.v1
https://www.researchsquare.com/article/rs-123456/v3 doi:10.21203/rs.3.rs-123456/v3
https://osf.io/preprints/psyarxiv/ab3de doi:10.31234/osf.io/ab3de
https://psyarxiv.com/ab3de/ doi:10.31234/osf.io/ab3de
https://osf.io/preprints/socarxiv/ab3de_v1 doi:10.31235/osf.io/ab3de_v1
https://scipost.org/SciPostPhys.10.1.001 doi:10.21468/scipostphys.10.1.001
https://pubs.rsc.org/en/content/articlelanding/2020/sc/d0sc01234a doi:10.1039/d0sc01234a
"""


@pytest.mark.parametrize("row", ELSEWHERE.split("\n")[1:-1])
def test_addresses_of_other_sites_about_papers(row: str) -> None:
    url, named = row.split(" ")
    assert of_url(url) == ids(named)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("arXiv:1706.03762 [cs.CL]", "arxiv:1706.03762"),
        ("arXiv:1706.03762v5 [cs.CL] 6 Dec 2017", "arxiv:1706.03762"),
        ("arXiv:hep-th/9901001v3 [hep-th]", "arxiv:hep-th/9901001"),
        ("1706.03762 [stat.ML, cs.LG]", "arxiv:1706.03762"),
        ("CorpusID:13756489", "semantic_scholar:CorpusId:13756489"),
        ("PMID: 33301246", "pmid:33301246"),
        ("PMC7727326", "pmc:PMC7727326"),
        ("PMCID: PMC7727326", "pmc:PMC7727326"),
        (r"10.1007/978-3-030-88888-8\_14", "doi:10.1007/978-3-030-88888-8_14"),
        ("https://doi.org/10.1007/978-3-030-88888-8%5C_14", "doi:10.1007/978-3-030-88888-8_14"),
        ("10.1002%2Fjcc.20291", "doi:10.1002/jcc.20291"),
        ("10/gc5sjn", "doi:10/gc5sjn"),
        ("doi: 10/GC5SJN", "doi:10/gc5sjn"),
        ("doi.org/10/gc5sjn", "doi:10/gc5sjn"),
        ("doi:10.1016%2FS0140-6736%2820%2930183-5", "doi:10.1016/s0140-6736(20)30183-5"),
        ("https://doi.org/10.1002%252Fjcc.20291", "doi:10.1002/jcc.20291"),
    ],
)
def test_what_a_person_pastes(text: str, named: str) -> None:
    assert (parse(text),) == ids(named)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (r"doi: 10.1007/978-3-030-88888-8\_14.", ["doi:10.1007/978-3-030-88888-8_14"]),
        ("see doi.org/10.1002%2Fjcc.20291 and 10.1145/1", ["doi:10.1002/jcc.20291", "doi:10.1145/1"]),
        ("arXiv:1706.03762 [cs.CL], 2017", ["arxiv:1706.03762"]),
    ],
)
def test_escapes_in_running_text(text: str, named: list[str]) -> None:
    assert of_text(text) == ids(*named)


@given(st.text(max_size=60), st.sampled_from(["https://web.archive.org/web/2020/", "https://www.google.com/url?q="]))
def test_any_address_inside_another_is_taken_calmly(inner: str, wrapper: str) -> None:
    assert all(identifier.scheme is not Scheme.GITHUB for identifier in of_url(wrapper + inner))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10.1145/10.1145/3600006.3613165", "10.1145/3600006.3613165"),
        ("10.1145/https://doi.org/10.1145/3600006.3613165", "10.1145/3600006.3613165"),
        ("10.1145/3600006.3613165.pdf", "10.1145/3600006.3613165"),
        ("10.1145/3600006.3613165/full/html", "10.1145/3600006.3613165"),
        ("10.1145/ 3600006.3613165", "10.1145/3600006.3613165"),
        ("10.1007/978\u20133\u2013030-88888-8_14", "10.1007/978-3-030-88888-8_14"),
        ("1O.1145/3600006.3613165", "10.1145/3600006.3613165"),
        ("10.1145/3600006.3613165 (accepted)", "10.1145/3600006.3613165"),
        ("10.1145/3600006.3613165#sec", "10.1145/3600006.3613165"),
        ("10.1145/3600006.3613165,10.1145/1", "10.1145/3600006.3613165"),
        ("10.1145/3600006.3613165", None),
        ("10.1016/S0140-6736(20)30183-5", None),
        ("to appear", None),
        ("10.1145/", None),
    ],
)
def test_what_was_likely_meant_by_a_doi_that_is_none(written: str, meant: str | None) -> None:
    assert repaired_doi(written) == meant
