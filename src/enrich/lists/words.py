"""The vocabularies: what words in headings, column heads and link labels mean, and what hosts serve; pure."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import urlsplit

from enrich import identifiers
from enrich.model import EntryType, LinkKind, Scheme


class Role(StrEnum):
    """What a table's column says of an entry."""

    NAME = "name"
    TITLE = "title"
    PAPER = "paper"
    VENUE = "venue"
    YEAR = "year"
    INSTITUTIONS = "institutions"
    AUTHORS = "authors"
    ABSTRACT = "abstract"
    REMARKS = "remarks"
    TAGS = "tags"
    LINKS = "links"
    CURATOR = "curator"
    UNKNOWN = "unknown"


def _table(text: str) -> dict[str, str]:
    """One meaning a line, `meaning: word, several words, 词`, to word -> meaning."""
    rows = (line.split(":", 1) for line in text.strip().splitlines())
    return {word.strip(): meaning.strip() for meaning, words in rows for word in words.split(",")}


# The order matters where a head has several known words: the earlier line wins.
_COLUMNS = _table(
    """
    curator: reporter, reported by, recommender, recommended by, curator, added by, contributor, submitter, assignee, reader, index, id, no, nr, number, serial, rank, star, github star, stargazer, citation, citation count, cited by, citations, last update, last updated, updated, last commit, bibtex, 序号, 编号, 推荐人, 贡献者, 汇报人
    title: title, paper title, paper name, title of paper, publication title, article title, survey, review, article, 标题, 题目, 论文题目, 论文标题, 论文名称, 论文名, タイトル, titel, titre, título
    name: name, system, system name, model, model name, scheduler, method, method name, algorithm, approach, simulator, technique, acronym, abbreviation, abbr, short name, alias, nickname, work, framework, library, platform, tool, toolkit, software, product, dataset, data set, dataset name, corpus, benchmark, researcher, person, lab, professor, 名称, 名字, 系统, 模型, 方法, 简称, 框架, 平台, 工具, 数据集, 算法, nom, nombre
    paper: paper, papers, publication, reference, preprint, 论文, 文章, 文献, 論文
    year: year, date, time, published, publication date, publication year, release date, pub date, submitted, month, 年份, 时间, 日期, 年, 发表时间, jahr, année, año
    venue: venue, conference, conference journal, journal, series, published in, publisher, published at, proceedings, source, pub, booktitle, where, 会议, 期刊, 会议期刊, 出处, 发表, 来源, 刊物, 会刊
    institutions: institution, institute, institutes, affiliation, organization, organisation, org, company, university, team, group, 机构, 单位, 学校, 组织, 公司, 团队, 研究机构
    authors: author, authors, author list, first author, written by, 作者, 作者列表, autor, auteur
    abstract: abstract, 摘要
    tags: target, tag, type, category, keyword, keywords, topic, area, field, domain, task, label, class, kind, 类别, 类型, 标签, 关键词, 分类, 领域, 任务
    links: link, links, url, urls, material, materials, resource, resources, 链接, 资源, 网址, 地址
    remarks: remark, remarks, comment, comments, description, summary, tldr, tl dr, highlight, highlights, contribution, contributions, key idea, idea, note, notes, introduction, brief, details, detail, intro, content, about, 备注, 说明, 简介, 描述, 介绍, 要点, 总结, 内容, 笔记, 贡献
    """
)

_LABELS = _table(
    """
    code: code, codes, github, git hub, gitlab, gitee, repo, repository, source, source code, implementation, official code, pytorch, tensorflow, jax, mindspore, paddle, keras, torch, official, unofficial, colab, notebook, git, 代码, 源码, 开源, 源代码
    artifact: artifact, artifacts, artefact, ae, artifact evaluation
    benchmark: benchmark, benchmarks
    slides: slides, slide, ppt, pptx, presentation, deck, keynote, poster, 幻灯片, 课件
    video: video, videos, talk, talks, youtube, recording, bilibili, demo video, presentation video, lecture, 视频, 讲解
    notes: notes, note, personal notes, reading notes, reading note, my notes, 笔记, 阅读笔记, 论文笔记
    blog: blog, blogs, blog post, blogpost, post, medium, zhihu, csdn, wechat, 解读, 中文解读, 论文解读, 博客, 知乎, 文章解读, 博文
    homepage: homepage, home page, home, project, project page, page, website, web, site, official site, project website, webpage, official website, demo, demo page, model page, 主页, 项目主页, 网站, 官网
    paper: paper, papers, pdf, arxiv, pub, publication, preprint, openreview, doi, acm, acm dl, ieee, ieee xplore, acl, acl anthology, springer, usenix, pmlr, cvf, biorxiv, medrxiv, nature, abs, abstract, html, full text, fulltext, full paper, article, proceedings, manuscript, paper link, link to paper, read, nips, neurips, iclr, icml, cvpr, iccv, eccv, kdd, www, aaai, ijcai, book, thesis, dissertation, report, technical report, tech report, journal, conference, ar5iv, alphaxiv, hf paper, 论文, 原文, 文章, 论文链接, 论文地址
    other: link, links, url, here, this, data, dataset, datasets, doc, docs, documentation, model, models, weights, checkpoint, checkpoints, supp, supplement, supplementary, supplementary material, appendix, bib, bibtex, bibtex, tweet, twitter, uc, more, wiki, tutorial, leaderboard, review, reviews, media, news, api, whitepaper, download, hugging face, huggingface, hf, 链接, 数据集, 数据, 文档
    """
)

_SECTIONS = _table(
    """
    person: person, persons, people, researcher, researchers, scholar, scholars, professor, professors, author, faculty, 学者, 研究者, 老师
    lab: lab, labs, laboratory, laboratories, group, groups, research group, team, teams, 实验室, 课题组, 团队
    framework: framework, frameworks, library, libraries, software, toolkit, toolkits, toolbox, tool, tools, platform, platforms, engine, engines, open source system, suite, package, packages, project, projects, system, systems, 框架, 工具, 平台, 软件, 开源项目
    repository: repository, repositories, repo, repos, code, codes, implementation, implementations, 仓库, 代码
    dataset: dataset, datasets, data set, data sets, corpus, corpora, 数据集
    benchmark: benchmark, benchmarks, leaderboard, leaderboards, 基准, 评测
    blog: blog, blogs, blog post, blog posts, post, posts, article, articles, 博客, 文章
    video: video, videos, talk, talks, tutorial video, lecture, lectures, youtube, 视频, 讲座
    list: awesome list, awesome lists, paper list, paper lists, related list, related lists, reading list, reading lists, 论文列表, 清单
    """
)

# Sections that speak about the list itself: nothing in them is an item.
_ABOUT = re.compile(
    r"^(table of )?contents?$|^(toc|index|outline|catalogue?|menu|navigation|overview of contents)$|目录|contribut|"
    r"贡献|licen[cs]e|许可|^citations?$|^cit(e|ing)( (us|this.*|our.*))?$|how to cite|bibtex|引用|star history|"
    r"contact|联系|sponsor|code of conduct|disclaimer|^legend$|^(key|symbol)s?$|support us|donat|"
    r"todo|to do|^faq$|^usage$|^installation$|^badges?$|visitor|^maintainers?$|^authors?$|^stargazers$|关于"
)
# Sections that mention papers beside other things: only what has an identifier is an item.
_BESIDES = re.compile(
    r"^news$|latest news|what'?s new|change ?log|update (log|record|notice|histor)|^(recent )?updates?$|acknowledg|thanks|credits|announcement|"
    r"新闻|更新|致谢|动态|^(about|introduction|notice|note|motivation|preface)$"
)

_PAPER_HOSTS = ["aclanthology.org", "aclweb.org", "acm.org", "acs.org", "aaai.org", "annualreviews.org", "arxiv.org", "asme.org", "bioone.org", "biorxiv.org", "bmj.com", "cambridge.org", "cell.com", "ceur-ws.org", "chemrxiv.org", "computer.org", "crossref.org", "degruyter.com", "doi.org", "ecva.net", "elifesciences.org", "elsevier.com", "emerald.com", "eprint.iacr.org", "europepmc.org", "frontiersin.org", "hal.science", "hindawi.com", "ieeexplore.ieee.org", "ijcai.org", "informs.org", "ingentaconnect.com", "iopscience.iop.org", "isca-speech.org", "jair.org", "jmlr.org", "jstor.org", "liebertpub.com", "link.springer.com", "mdpi.com", "medrxiv.org", "mitpress.mit.edu", "direct.mit.edu", "mlsys.org", "mlr.press", "nature.com", "ncbi.nlm.nih.gov", "ndss-symposium.org", "neurips.cc", "nips.cc", "nowpublishers.com", "openaccess.thecvf.com", "openreview.net", "osti.gov", "oup.com", "papers.ssrn.com", "ssrn.com", "peerj.com", "philpapers.org", "plos.org", "pnas.org", "preprints.org", "proquest.com", "psycnet.apa.org", "pubmed.gov", "researchgate.net", "researchsquare.com", "royalsocietypublishing.org", "rsc.org", "sagepub.com", "sciencedirect.com", "science.org", "sciencemag.org", "scitation.org", "scitepress.org", "semanticscholar.org", "siam.org", "spiedigitallibrary.org", "springer.com", "springeropen.com", "tandfonline.com", "techrxiv.org", "thecvf.com", "usenix.org", "vldb.org", "wiley.com", "worldscientific.com", "zenodo.org", "biomedcentral.com", "cidrdb.org", "lmcs.episciences.org", "openproceedings.org"]
_BLOG_HOSTS = ["blogger.com", "blogspot.com", "cnblogs.com", "csdn.net", "dev.to", "hashnode.dev", "jianshu.com", "juejin.cn", "medium.com", "mp.weixin.qq.com", "segmentfault.com", "substack.com", "thegradient.pub", "towardsdatascience.com", "tistory.com", "velog.io", "wordpress.com", "zhihu.com", "qiita.com", "hackernoon.com"]
_VIDEO_HOSTS = ["bilibili.com", "b23.tv", "loom.com", "slideslive.com", "ted.com", "twitch.tv", "videolectures.net", "vimeo.com", "youtu.be", "youtube.com"]
_SLIDE_HOSTS = ["slideshare.net", "speakerdeck.com", "slides.com", "prezi.com"]
_CODE_HOSTS = ["bitbucket.org", "codeberg.org", "colab.research.google.com", "gist.github.com", "gitee.com", "github.com", "gitlab.com", "raw.githubusercontent.com", "sourceforge.net", "sr.ht"]
_BADGE_HOSTS = ["badge.fury.io", "badgen.net", "badges.gitter.im", "codecov.io", "coveralls.io", "hits.dwyl.com", "hits.seeyoufarm.com", "img.shields.io", "awesome.re", "readthedocs.org", "travis-ci.com", "travis-ci.org", "visitor-badge.laobi.icu", "star-history.com", "api.star-history.com", "contrib.rocks", "komarev.com", "revolvermaps.com", "clustrmaps.com", "choosealicense.com"]
_PLACES = ["sites.google.com", "scholar.google.com"]

_BLOG_PATH = re.compile(r"/(?:blogs?|posts?)(?:/|$)|/(?:19|20)\d\d/\d\d/(?:\d\d/)?[^/]", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(?:pdf|ps)(?:\.gz)?$", re.IGNORECASE)
_DECK = re.compile(r"\.(?:pptx?|key)$", re.IGNORECASE)
_MOVIE = re.compile(r"\.(?:mp4|mov|webm)$", re.IGNORECASE)
_ARCHIVED = re.compile(r"/handle/\d+|/(?:abs|doi|papers?)/[^/]*\d")
_SEARCH = re.compile(
    r"/search(?:/|\?|$)|[?&](?:q|query)=|/stargazers|/issues?(?:/|$)|/pulls?(?:/|$)|/discussions(?:/|$)|/graphs/",
    re.IGNORECASE,
)
_PROCEEDINGS = re.compile(r"dblp\.[a-z.-]+/(?:db|rec)?/?(?:conf|journals)/[^?]*$|dblp\.[a-z.-]+/db/", re.IGNORECASE)

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_GAPS = re.compile(r"[\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

_AWESOME = re.compile(
    r"\bawesome|\b(?:paper|reading|resource|survey|literature|publication)s?[ _-]?(?:list|collection|reading)|"
    r"must[ -]?read|\bpapers(?:[ _-]to[ _-]read)?$|^papers\b|论文列表|论文合集",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """The words of a label or heading: lower case, nothing but letters, digits and single spaces."""
    return _GAPS.sub(" ", text.replace("_", " ")).strip().casefold()


def _words(text: str) -> list[str]:
    """The text as one, its words, and its words without a plural's s: what the vocabularies are asked for."""
    whole = plain(text)
    parts = whole.split()
    return [whole, *parts, *(part[:-1] for part in parts if len(part) > 3 and part.endswith("s"))]


def role_of(head: str) -> tuple[Role | None, LinkKind | None]:
    """What a column with this head holds, and the kind of its links; None where no vocabulary knows."""
    whole = plain(head)
    if not whole:
        return None, None
    kind = _LABELS.get(whole) or _LABELS.get(whole.removesuffix("s"))
    meaning = _COLUMNS.get(whole) or _COLUMNS.get(whole.removesuffix("s"))
    if meaning is None and kind in (None, "other") and len(whole.split()) <= 5:
        known = set(_words(head))
        known |= {word for word in _COLUMNS if _CJK.search(word) and word in whole}
        meaning = next((row for word, row in _COLUMNS.items() if word in known), None)
    if meaning is None and kind is None and len(whole.split()) <= 3:
        kind = next((_LABELS[word] for word in _words(head) if word in _LABELS), None)
    if meaning is None and kind is not None:
        return Role.LINKS, LinkKind(kind)
    return (Role(meaning) if meaning else None), (LinkKind(kind) if kind else None)


def kind_of_label(label: str) -> LinkKind | None:
    """The kind that a link's label names; OTHER for words such as `link`, None for what is no label but a title."""
    whole = plain(re.sub(r"\d+$", "", label.strip()))
    if not whole:
        return LinkKind.OTHER if label.strip() else None
    if whole in _LABELS:
        return LinkKind(_LABELS[whole])
    words = whole.split()
    if len(words) <= 4:
        known = [_LABELS[word] for word in words if word in _LABELS]
        meaning = next((kind for kind in known if kind not in ("paper", "other")), known[0] if known else None)
        if meaning and (
            len(known) == len(words) or (len(words) <= 3 and meaning in ("code", "blog", "video", "slides", "notes"))
        ):
            return LinkKind(meaning)
    return None


def is_label(text: str) -> bool:
    """Whether a link's text says what the link is, rather than what the item is called."""
    whole = plain(text)
    if not whole or whole.isdecimal():
        return True
    words = whole.split()
    if whole in _LABELS:
        return True
    return len(words) <= 4 and all(
        word in _LABELS
        or word.isdecimal()
        or word in ("the", "to", "of", "and", "official", "v", "full", "zh", "en", "cn")
        for word in words
    )


def kind_of_url(url: str) -> LinkKind:
    """The kind that a URL shows by its host and path, OTHER where it shows none."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return LinkKind.OTHER
    path = parts.path
    if _PROCEEDINGS.search(f"{host}{path}"):
        return LinkKind.VENUE
    if _on(host, _CODE_HOSTS):
        return LinkKind.BLOG if "/blogs/" in path or "/blog/" in path else LinkKind.CODE
    schemes = {identifier.scheme for identifier in identifiers.of_url(url)}
    if schemes - {Scheme.GITHUB} and not _on(host, _BLOG_HOSTS):
        return LinkKind.PAPER
    tests = (
        (_on(host, _VIDEO_HOSTS) or bool(_MOVIE.search(path)), LinkKind.VIDEO),
        (_on(host, _SLIDE_HOSTS) or (host == "docs.google.com" and path.startswith("/presentation")), LinkKind.SLIDES),
        (bool(_DECK.search(path)), LinkKind.SLIDES),
        (bool(_DOCUMENT.search(path)), LinkKind.PAPER),
        (_on(host, _PAPER_HOSTS) and not _is_front(path), LinkKind.PAPER),
        (_on(host, _BLOG_HOSTS) or host.startswith("blog.") or bool(_BLOG_PATH.search(path)), LinkKind.BLOG),
        (bool(_ARCHIVED.search(path)), LinkKind.PAPER),
        (
            _on(host, _PLACES) or host.endswith((".github.io", ".gitlab.io")) or "/~" in path or _is_front(path),
            LinkKind.HOMEPAGE,
        ),
    )
    return next((kind for holds, kind in tests if holds and host), LinkKind.OTHER)


def type_of_url(url: str) -> EntryType | None:
    """The type of what a URL that is no paper leads to, where host and path tell."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().removeprefix("www.")
    if host == "huggingface.co" and parts.path.startswith(("/datasets/", "/collections/")):
        return EntryType.DATASET if parts.path.startswith("/datasets/") else EntryType.LIST
    if _on(host, ["kaggle.com"]) and "/datasets/" in parts.path:
        return EntryType.DATASET
    return {
        LinkKind.CODE: EntryType.REPOSITORY,
        LinkKind.BLOG: EntryType.BLOG,
        LinkKind.VIDEO: EntryType.VIDEO,
    }.get(kind_of_url(url))


def types_of_section(heading: str) -> list[EntryType]:
    """The types of entries that a heading announces, in the order of its words; [] where it announces none."""
    known = _words(heading)
    whole = plain(heading)
    found = [EntryType(_SECTIONS[word]) for word in known if word in _SECTIONS]
    found += [EntryType(meaning) for word, meaning in _SECTIONS.items() if _CJK.search(word) and word in whole]
    return list(dict.fromkeys(found))


def is_about(heading: str) -> bool:
    """Whether the section speaks about the list itself."""
    return bool(_ABOUT.search(plain(heading)))


def is_besides(heading: str) -> bool:
    """Whether the section is news, thanks or the like, where only papers and repositories count."""
    return bool(_BESIDES.search(plain(heading)))


def is_list_of_papers(label: str, url: str) -> bool:
    """Whether a repository or page is itself a list of papers."""
    return bool(_AWESOME.search(label) or _AWESOME.search(urlsplit(url).path.rstrip("/").rpartition("/")[2]))


def is_external(url: str) -> bool:
    """Whether a link leads out of the list: neither an anchor nor a mail address nor a relative path."""
    return url.lower().startswith(("http://", "https://", "//"))


def is_furniture(url: str) -> bool:
    """Whether a link is a badge, a search, an issue tracker: nothing that a list presents."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return True
    return _on(host, _BADGE_HOSTS) or bool(_SEARCH.search(url)) or kind_of_url(url) is LinkKind.VENUE


def _on(host: str, hosts: list[str]) -> bool:
    return any(host == name or host.endswith("." + name) for name in hosts)


def _is_front(path: str) -> bool:
    return path in ("", "/", "/index.html", "/index.htm")
