"""The vocabularies of lists: columns, link labels, headings, and what well-known hosts serve; only words."""

from __future__ import annotations

from enrich.text.folding import split_table, word_set

# If a column's head has several known words, the line that comes first wins.
COLUMNS = split_table(
    """
    curator: reporter, reported by, recommender, recommended by, curator, added by, contributor, submitter
    curator: assignee, reader, index, id, no, nr, number, serial, rank, star, github star, stargazer, citation
    curator: citation count, cited by, citations, last update, last updated, updated, last commit, bibtex, 序号
    curator: 编号, 推荐人, 贡献者, 汇报人
    title: title, paper title, paper name, title of paper, publication title, article title, survey, review
    title: article, 标题, 题目, 论文题目, 论文标题, 论文名称, 论文名, タイトル, titel, titre, título
    name: name, system, system name, model, model name, scheduler, method, method name, algorithm, approach
    name: simulator, technique, acronym, abbreviation, abbr, short name, alias, nickname, work, framework
    name: library, platform, tool, toolkit, software, product, dataset, data set, dataset name, corpus
    name: benchmark, researcher, person, lab, professor, 名称, 名字, 系统, 模型, 方法, 简称, 框架, 平台, 工具
    name: 数据集, 算法, nom, nombre
    paper: paper, papers, publication, reference, preprint, 论文, 文章, 文献, 論文
    year: year, date, time, published, publication date, publication year, release date, pub date, submitted
    year: month, 年份, 时间, 日期, 年, 发表时间, jahr, année, año
    venue: venue, conference, conference journal, journal, series, published in, publisher, published at
    venue: conf, conferences, journals, venues, accepted, appeared in, appear, conference name, event
    venue: proceedings, source, pub, booktitle, where, 会议, 期刊, 会议期刊, 出处, 发表, 来源, 刊物, 会刊
    institutions: institution, institute, institutes, affiliation, organization, organisation, org, company
    institutions: university, team, group, 机构, 单位, 作者单位, 所属机构, 学校, 组织, 公司, 团队, 研究机构
    authors: author, authors, author list, first author, written by, 作者, 作者列表, autor, auteur
    abstract: abstract, 摘要
    tags: target, tag, type, category, keyword, keywords, topic, area, field, domain, task, label, class, kind
    tags: 类别, 类型, 标签, 关键词, 分类, 领域, 任务
    links: link, links, url, urls, material, materials, resource, resources, 链接, 资源, 网址, 地址
    remarks: remark, remarks, comment, comments, description, summary, tldr, tl dr, highlight, highlights
    remarks: contribution, contributions, key idea, idea, note, notes, introduction, brief, details, detail
    remarks: intro, content, about, 备注, 说明, 简介, 描述, 介绍, 要点, 总结, 内容, 笔记, 贡献
    """
)

LABELS = split_table(
    """
    code: code, codes, github, git hub, gitlab, gitee, repo, repository, source, source code, implementation
    code: official code, pytorch, tensorflow, jax, mindspore, paddle, keras, torch, official, unofficial, colab
    code: notebook, git, 代码, 源码, 开源, 源代码
    artifact: artifact, artifacts, artefact, ae, artifact evaluation
    benchmark: benchmark, benchmarks
    slides: slides, slide, ppt, pptx, presentation, deck, keynote, poster, 幻灯片, 课件
    video: video, videos, talk, talks, youtube, recording, bilibili, demo video, presentation video, lecture
    video: 视频, 讲解
    notes: notes, note, personal notes, reading notes, reading note, my notes, 笔记, 阅读笔记, 论文笔记
    blog: blog, blogs, blog post, blogpost, post, medium, zhihu, csdn, wechat, 解读, 中文解读, 论文解读, 博客
    blog: 知乎, 文章解读, 博文
    homepage: homepage, home page, home, project, project page, page, website, web, site, official site
    homepage: project website, webpage, official website, demo, demo page, model page, 主页, 项目主页, 网站
    homepage: 官网
    paper: paper, papers, pdf, arxiv, pub, publication, preprint, openreview, doi, acm, acm dl, ieee
    paper: ieee xplore, acl, acl anthology, springer, usenix, pmlr, cvf, biorxiv, medrxiv, nature, abs, abstract
    paper: html, full text, fulltext, full paper, article, proceedings, manuscript, paper link, link to paper
    paper: read, nips, neurips, iclr, icml, cvpr, iccv, eccv, kdd, www, aaai, ijcai, book, thesis, dissertation
    paper: letter, magazine, report, technical report, tech report, journal, conference, ar5iv, alphaxiv, hf paper
    paper: 论文, 原文, 文章, 论文链接, 论文地址
    other: link, links, url, here, this, data, dataset, datasets, doc, docs, documentation, model, models
    other: weights, checkpoint, checkpoints, supp, supplement, supplementary, supplementary material, appendix
    other: bib, bibtex, bibtex, tweet, twitter, uc, more, wiki, tutorial, leaderboard, review, reviews, media
    other: news, api, whitepaper, download, hugging face, huggingface, hf, 链接, 数据集, 数据, 文档
    """
)

SECTION_TYPES = split_table(
    """
    person: person, persons, people, researcher, researchers, scholar, scholars, professor, professors, author
    person: faculty, 学者, 研究者, 老师
    lab: lab, labs, laboratory, laboratories, group, groups, research group, team, teams, 实验室, 课题组, 团队
    framework: framework, frameworks, library, libraries, software, toolkit, toolkits, toolbox, tool, tools
    framework: platform, platforms, engine, engines, open source system, suite, package, packages, project
    framework: projects, system, systems, 框架, 工具, 平台, 软件, 开源项目
    repository: repository, repositories, repo, repos, code, codes, implementation, implementations, 仓库, 代码
    dataset: dataset, datasets, data set, data sets, corpus, corpora, 数据集
    benchmark: benchmark, benchmarks, leaderboard, leaderboards, 基准, 评测
    blog: blog, blogs, blog post, blog posts, post, posts, article, articles, 博客, 文章
    other: book, books, textbook, textbooks, ebook, ebooks, course, courses, 书籍, 教材, 课程
    video: video, videos, talk, talks, tutorial video, lecture, lectures, youtube, 视频, 讲座
    list: awesome list, awesome lists, paper list, paper lists, related list, related lists, reading list
    list: reading lists, 论文列表, 清单
    """
)

# Headings made of these words alone announce events and organisations; `Community detection` announces papers.
EVENTS = word_set(
    """
    challenge challenges class classes colloquium colloquia communities community companies company competition
    competitions conference conferences congress course courses event events forum forums hackathon hackathons
    institution institutions job jobs journal journals lecture lectures mailing meetup meetups mooc moocs newsletter
    newsletters organisation organisations organization organizations podcast podcasts school schools seminar
    seminars shared special startup startups symposia symposium talk talks task tasks track tracks tutorial tutorials
    workshop workshops 会议 期刊 研讨会 竞赛 比赛 课程 教程 社区 公司
    """
)

SITES = word_set(
    """
    digest digests link links portal portals resource resources site sites web website websites 资源 网站
    """
)

# Words without a meaning in such a heading.
EVENT_FILLERS = word_set(
    """
    academic and also annual awesome big for helpful important in interesting international key learning list lists
    major main more online open or other past popular recommended related relevant summer the to top upcoming useful
    """
)

PAPER_HOSTS = word_set(
    """
    aclanthology.org aclweb.org acm.org acs.org aaai.org annualreviews.org arxiv.org asme.org bioone.org
    biorxiv.org bmj.com cambridge.org cell.com ceur-ws.org chemrxiv.org computer.org crossref.org degruyter.com
    doi.org ecva.net elifesciences.org elsevier.com emerald.com eprint.iacr.org europepmc.org frontiersin.org
    hal.science hindawi.com ieeexplore.ieee.org ijcai.org informs.org ingentaconnect.com iopscience.iop.org
    isca-speech.org jair.org jmlr.org jstor.org liebertpub.com link.springer.com mdpi.com medrxiv.org
    mitpress.mit.edu direct.mit.edu mlsys.org mlr.press nature.com ncbi.nlm.nih.gov ndss-symposium.org
    neurips.cc nips.cc nowpublishers.com openaccess.thecvf.com openreview.net osti.gov oup.com papers.ssrn.com
    ssrn.com peerj.com philpapers.org plos.org pnas.org preprints.org proquest.com psycnet.apa.org pubmed.gov
    researchgate.net researchsquare.com royalsocietypublishing.org rsc.org sagepub.com sciencedirect.com
    science.org sciencemag.org scitation.org scitepress.org semanticscholar.org siam.org spiedigitallibrary.org
    springer.com springeropen.com tandfonline.com techrxiv.org thecvf.com usenix.org vldb.org wiley.com
    worldscientific.com zenodo.org biomedcentral.com cidrdb.org lmcs.episciences.org openproceedings.org
    adsabs.harvard.edu agu.org ahajournals.org aiaa.org aip.org ametsoc.org ams.org aps.org archives-ouvertes.fr
    arvojournals.org ascelibrary.org cds.cern.ch citeseerx.ist.psu.edu cnki.net copernicus.org core.ac.uk cshlp.org
    dagstuhl.de eccc.weizmann.ac.il embopress.org episciences.org genetics.org geoscienceworld.org igi-global.com
    inderscience.com inspirehep.net intechopen.com isca-archive.org iucr.org jamanetwork.com jst.go.jp koreascience.kr
    nber.org nejm.org onepetro.org optica.org osapublishing.org projecteuclid.org rdcu.be redalyc.org scielo.br
    scipost.org theiet.org thelancet.com
    """
)

BLOG_HOSTS = word_set(
    """
    blogger.com blogspot.com cnblogs.com csdn.net dev.to hashnode.dev jianshu.com juejin.cn medium.com
    mp.weixin.qq.com segmentfault.com substack.com thegradient.pub towardsdatascience.com tistory.com velog.io
    wordpress.com zhihu.com qiita.com hackernoon.com
    """
)

VIDEO_HOSTS = word_set(
    """
    bilibili.com b23.tv loom.com slideslive.com ted.com twitch.tv videolectures.net vimeo.com youtu.be
    youtube.com
    """
)

SLIDE_HOSTS = word_set(
    """
    slideshare.net speakerdeck.com slides.com prezi.com
    """
)

CODE_HOSTS = word_set(
    """
    bitbucket.org codeberg.org colab.research.google.com gist.github.com gitee.com github.com gitlab.com
    raw.githubusercontent.com sourceforge.net sr.ht
    """
)

BADGE_HOSTS = word_set(
    """
    badge.fury.io badgen.net badges.gitter.im codecov.io coveralls.io hits.dwyl.com hits.seeyoufarm.com
    img.shields.io awesome.re readthedocs.org travis-ci.com travis-ci.org visitor-badge.laobi.icu
    star-history.com api.star-history.com contrib.rocks komarev.com revolvermaps.com clustrmaps.com
    choosealicense.com
    """
)

HOME_HOSTS = word_set(
    """
    sites.google.com scholar.google.com
    """
)

# Words after a title that say what it is about, in a place where an organisation may be as well.
TOPICS = word_set(
    """
    survey review open source closed new best award oral spotlight poster highlight position short long demo llm vlm
    training inference serving theory application applications evaluation analysis industry academia classic
    recommended star accepted rejected withdrawn preprint technical work in progress
    """
)

# Words that need no capital in a title.
SMALL_WORDS = word_set(
    """
    a an the of for in on to with by from via at as is are and or its their using into over under it be can do
    not vs
    """
)

# Words between a title and what is said about it.
INTRODUCES = frozenset(
    split_table(
        """
        before: in, by, from, and, with, at, via, see, also, or, of, on, for, &
        before: proc, in proc, to appear in, accepted by, accepted at, published in, presented at, appears in
        """
    )
)

# HTML elements that break lines, and elements whose content is not read.
BLOCK_ELEMENTS = word_set(
    """
    address article aside blockquote center dd details div dl dt figure footer h1 h2 h3 h4 h5 h6 header hr li
    main nav ol p pre section summary table tbody td tfoot th thead tr ul
    """
)

UNSEEN_ELEMENTS = word_set(
    """
    audio canvas head iframe noscript object pre script style svg template textarea title video
    """
)
