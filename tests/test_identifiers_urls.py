"""Addresses of many sites, each with the identifier that it holds, or `-`."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from enrich.identifiers import of_url
from enrich.model import Identifier, Scheme

SITES = {
    "arXiv": """
https://arxiv.org/abs/1706.03762v7#comments arxiv:1706.03762
http://arxiv.org/pdf/1706.03762v5.pdf arxiv:1706.03762
https://arxiv.org/pdf/1706.03762.pdf?download=1 arxiv:1706.03762
https://arxiv.org/html/1706.03762v7#S3 arxiv:1706.03762
https://arxiv.org/ps/1706.03762v1 arxiv:1706.03762
https://arxiv.org/src/1706.03762v1/anc/data.csv arxiv:1706.03762
https://arxiv.org/e-print/1706.03762 arxiv:1706.03762
https://arxiv.org/format/1706.03762 arxiv:1706.03762
https://arxiv.org/bibtex/1706.03762 arxiv:1706.03762
https://browse.arxiv.org/pdf/1706.03762.pdf arxiv:1706.03762
https://cn.arxiv.org/abs/1706.03762 arxiv:1706.03762
https://export.arxiv.org/pdf/1706.03762v5 arxiv:1706.03762
https://www.arxiv.org/abs/0704.0001 arxiv:0704.0001
https://arxiv.org/abs/1501.00001v1 arxiv:1501.00001
https://ARXIV.org/abs/1706.03762 arxiv:1706.03762
https://arxiv.org/abs/arXiv%3A1706.03762 arxiv:1706.03762
https://arxiv.org//abs//1706.03762 arxiv:1706.03762
https://arxiv.org/abs/cs.CL/9905001v1 arxiv:cs/9905001
https://arxiv.org/abs/quant-ph/9508027v2 arxiv:quant-ph/9508027
https://arxiv.org/pdf/cond-mat/0205043 arxiv:cond-mat/0205043
https://arxiv.org/abs/math/0211159 arxiv:math/0211159
https://arxiv.org/pdf/q-bio/0401033v1.pdf arxiv:q-bio/0401033
http://xxx.lanl.gov/abs/astro-ph/9806280 arxiv:astro-ph/9806280
https://ar5iv.labs.arxiv.org/html/1706.03762v7 arxiv:1706.03762
https://ar5iv.org/html/1706.03762 arxiv:1706.03762
https://www.alphaxiv.org/abs/1706.03762v2 arxiv:1706.03762
https://alphaxiv.org/pdf/1706.03762 arxiv:1706.03762
https://www.alphaxiv.org/overview/1706.03762 arxiv:1706.03762
https://www.alphaxiv.org/resources/1706.03762 arxiv:1706.03762
https://arxiv.org/ -
https://arxiv.org/abs/ -
https://arxiv.org/list/cs.CL/2017-06 -
https://arxiv.org/list/cs.CL/1706?skip=0&show=50 -
https://arxiv.org/search/?query=1706.03762&searchtype=all -
https://arxiv.org/auth/show-endorsers/ -
https://arxiv.org/abs/1706.037621234 -
https://arxiv.org/abs/17O6.03762 -
https://info.arxiv.org/help/arxiv_identifier.html -
https://arxiv.example.org/abs/1706.03762 -
https://myarxiv.org/abs/1706.03762 -
https://www.alphaxiv.org/explore -
""",
    "sites about arXiv's papers": """
https://huggingface.co/papers/1706.03762 arxiv:1706.03762
https://huggingface.co/papers/1706.03762#community arxiv:1706.03762
https://hf.co/papers/1706.03762v2 arxiv:1706.03762
https://huggingface.co/papers/date/2024-01-01 -
https://huggingface.co/papers/trending -
https://huggingface.co/meta-llama/Llama-2-7b -
https://huggingface.co/datasets/ai/papers -
https://scirate.com/arxiv/1706.03762 arxiv:1706.03762
https://scirate.com/arxiv/cs.CL -
https://papers.cool/arxiv/1706.03762 arxiv:1706.03762
https://papers.cool/arxiv/cs.CL -
https://papers.cool/venue/ICLR.2024 -
https://www.arxiv-vanity.com/papers/1706.03762v5/ arxiv:1706.03762
https://www.emergentmind.com/papers/1706.03762 arxiv:1706.03762
https://www.emergentmind.com/topics/attention -
https://www.catalyzex.com/paper/arxiv:1706.03762/code arxiv:1706.03762
https://www.catalyzex.com/paper/attention-is-all-you-need -
https://inspirehep.net/api/arxiv/1706.03762 arxiv:1706.03762
https://inspirehep.net/literature/1603765 -
https://www.connectedpapers.com/main/1706.03762 arxiv:1706.03762
https://www.connectedpapers.com/main/SHA/Attention/graph semantic_scholar:SHA
https://www.connectedpapers.com/about -
https://paperswithcode.com/paper/attention-is-all-you-need -
https://dblp.org/rec/journals/corr/abs-1706-03762 arxiv:1706.03762
https://dblp.org/rec/journals/corr/abs-1706-03762.bib arxiv:1706.03762
https://dblp.org/rec/bibtex/journals/corr/abs-1706-03762 arxiv:1706.03762
https://dblp.org/rec/conf/nips/VaswaniSPUJGKP17 -
https://dblp.org/rec/journals/corr/VaswaniSPUJGKP17 -
https://dblp.org/pid/199/1234.html -
https://ui.adsabs.harvard.edu/abs/2017arXiv170603762V arxiv:1706.03762
https://ui.adsabs.harvard.edu/abs/2017arXiv170603762V/exportcitation arxiv:1706.03762
http://adsabs.harvard.edu/abs/2013arXiv1301.3781M arxiv:1301.3781
https://ui.adsabs.harvard.edu/abs/arXiv:1706.03762/abstract arxiv:1706.03762
https://ui.adsabs.harvard.edu/abs/2016PhRvL.116f1102A/abstract -
https://ui.adsabs.harvard.edu/abs/2013ApJ...770...57B -
https://ui.adsabs.harvard.edu/search/q=attention -
""",
    "Semantic Scholar": """
https://www.semanticscholar.org/paper/SHA semantic_scholar:SHA
https://www.semanticscholar.org/paper/Attention-Vaswani/SHA/figure/2 semantic_scholar:SHA
https://api.semanticscholar.org/graph/v1/paper/SHA?fields=title semantic_scholar:SHA
https://api.semanticscholar.org/v1/paper/arXiv:1706.03762 arxiv:1706.03762
https://api.semanticscholar.org/graph/v1/paper/DOI:10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://api.semanticscholar.org/CorpusID:13756489 semantic_scholar:CorpusId:13756489
https://api.semanticscholar.org/corpusid:13756489 semantic_scholar:CorpusId:13756489
https://www.semanticscholar.org/paper/CorpusID:13756489 semantic_scholar:CorpusId:13756489
https://www.semanticscholar.org/arxiv/1706.03762 arxiv:1706.03762
https://www.semanticscholar.org/reader/SHA -
https://www.semanticscholar.org/author/1741101 -
https://www.semanticscholar.org/search?q=attention -
https://api.semanticscholar.org/CorpusID:0 -
https://pdfs.semanticscholar.org/204e/3073870fae3d05bcbc2f6a8e263d9b72e776.pdf -
""",
    "OpenReview": """
https://openreview.net/forum?id=rJXMpikCZ openreview:rJXMpikCZ
https://openreview.net/forum/?id=rJXMpikCZ openreview:rJXMpikCZ
https://openreview.net/forum?id=rJXMpikCZ&referrer=%5Bthe%20profile%5D openreview:rJXMpikCZ
https://openreview.net/forum?noteId=aBcDeFgHi&id=rJXMpikCZ openreview:rJXMpikCZ
https://openreview.net/pdf?id=rJXMpikCZ openreview:rJXMpikCZ
https://openreview.net/attachment?id=rJXMpikCZ&name=supplementary_material openreview:rJXMpikCZ
https://api.openreview.net/pdf?id=rJXMpikCZ openreview:rJXMpikCZ
http://openreview.net/forum?id=B1-Hhnslg openreview:B1-Hhnslg
https://openreview.net/references/pdf?id=S1jBcueAb -
https://openreview.net/revisions?id=rJXMpikCZ -
https://openreview.net/profile?id=~Ada_Lovelace1 -
https://openreview.net/group?id=ICLR.cc/2024/Conference -
https://openreview.net/forum -
https://openreview.net/pdf/8a41a2a58c8e9d0c1e8a4d6a0b9a6f0f0f0f0f0f.pdf -
""",
    "the ACL Anthology": """
https://aclanthology.org/P16-1160 acl:P16-1160
https://aclanthology.org/P16-1160/ acl:P16-1160
https://aclanthology.org/P16-1160.pdf acl:P16-1160
https://www.aclanthology.org/p16-1160v2.pdf acl:P16-1160
https://aclanthology.org/2020.acl-main.703/ acl:2020.acl-main.703
https://aclanthology.org/2020.findings-emnlp.139.pdf acl:2020.findings-emnlp.139
https://aclanthology.org/2024.tacl-1.1.bib acl:2024.tacl-1.1
https://www.aclweb.org/anthology/P16-1160/ acl:P16-1160
http://aclweb.org/anthology/P16-1160 acl:P16-1160
https://www.aclweb.org/anthology/2020.acl-main.703.pdf acl:2020.acl-main.703
http://www.aclweb.org/anthology/D/D14/D14-1162.pdf acl:D14-1162
http://aclanthology.info/papers/P16-1160/p16-1160 acl:P16-1160
http://aclanthology.info/papers/P16-1160 acl:P16-1160
https://aclanthology.org/events/acl-2020/ -
https://aclanthology.org/volumes/2020.acl-main/ -
https://aclanthology.org/people/a/ada-lovelace/ -
https://www.aclweb.org/portal/ -
""",
    "PubMed": """
https://pubmed.ncbi.nlm.nih.gov/33301246 pmid:33301246
https://pubmed.ncbi.nlm.nih.gov/33301246/?from_term=covid pmid:33301246
http://www.ncbi.nlm.nih.gov/pubmed/33301246 pmid:33301246
https://www.ncbi.nlm.nih.gov/m/pubmed/33301246/ pmid:33301246
https://europepmc.org/abstract/MED/33301246 pmid:33301246
https://europepmc.org/article/med/33301246 pmid:33301246
https://pmc.ncbi.nlm.nih.gov/articles/PMC7727326/ pmc:PMC7727326
https://pmc.ncbi.nlm.nih.gov/articles/pmc7727326/#s2 pmc:PMC7727326
https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7727326/pdf/main.pdf pmc:PMC7727326
https://www.ncbi.nlm.nih.gov/labs/pmc/articles/PMC7727326/ pmc:PMC7727326
https://europepmc.org/articles/PMC7727326 pmc:PMC7727326
https://pubmed.ncbi.nlm.nih.gov/?term=lovelace -
https://pubmed.ncbi.nlm.nih.gov/advanced/ -
https://pubmed.ncbi.nlm.nih.gov/0123/ -
https://www.ncbi.nlm.nih.gov/nuccore/NC_045512 -
https://pmc.ncbi.nlm.nih.gov/journals/2/ -
""",
    "doi.org": """
https://doi.org/10.1145/3600006.3613165 doi:10.1145/3600006.3613165
http://dx.doi.org/10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://www.doi.org/10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://doi.org/10.1145%2F3600006.3613165 doi:10.1145/3600006.3613165
https://doi.org/doi:10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://doi.org/10.1145/3600006.3613165. doi:10.1145/3600006.3613165
https://doi.org/10.1000.10/123456 doi:10.1000.10/123456
https://doi.org/10.1016/S0140-6736(20)30183-5 doi:10.1016/s0140-6736(20)30183-5
https://doi.org/10.48550/arXiv.1706.03762 arxiv:1706.03762
https://doi.org/10.48550/arxiv.cs/0112017 arxiv:cs/0112017
https://doi.org/10.5555/3295222.3295349 acm:10.5555/3295222.3295349
https://doi.org/10.1007/978-3-030-88888-8%5C_14 doi:10.1007/978-3-030-88888-8_14
https://doi.org/10/gc5sjn doi:10/gc5sjn
https://doi.org/10/GK52QR doi:10/gk52qr
http://dx.doi.org/10/dvq doi:10/dvq
https://doi.org/doi:10/gc5sjn doi:10/gc5sjn
https://doi.org/gc5sjn doi:10/gc5sjn
https://dx.doi.org/FG5V/ doi:10/fg5v
https://doi.org/news -
https://www.doi.org/factsheets -
https://doi.org/2024 -
https://doi.org/gc5sjn/more -
https://notdoi.org/gc5sjn -
https://doi.org/ -
https://doi.org/10.1145 -
https://doi.org/10.1145/ -
https://doi.org/10/123 -
https://doi.org/10/ -
https://www.doi.org/the-identifier/resources/handbook/ -
https://notdoi.org/10/gc5sjn -
""",
    "publishers": """
https://dl.acm.org/doi/10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://dl.acm.org/doi/abs/10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://dl.acm.org/doi/pdf/10.1145/3600006.3613165?download=true doi:10.1145/3600006.3613165
https://dl.acm.org/doi/proceedings/10.1145/3600006 doi:10.1145/3600006
https://dl.acm.org/citation.cfm?doid=2999134.2999257 doi:10.1145/2999134.2999257
https://dl.acm.org/doi/10.5555/3295222.3295349 acm:10.5555/3295222.3295349
https://dl.acm.org/citation.cfm?id=3295349 -
https://dl.acm.org/profile/81100000000 -
https://dl.acm.org/conference/sosp -
https://link.springer.com/article/10.1007/s11263-015-0816-y doi:10.1007/s11263-015-0816-y
https://link.springer.com/chapter/10.1007/978-3-319-46448-0_8#Sec1 doi:10.1007/978-3-319-46448-0_8
https://link.springer.com/content/pdf/10.1007/s11263-015-0816-y.pdf doi:10.1007/s11263-015-0816-y
https://link.springer.com/epdf/10.1007/s11263-015-0816-y doi:10.1007/s11263-015-0816-y
https://link.springer.com/journal/11263 -
https://onlinelibrary.wiley.com/doi/10.1002/cpe.5206 doi:10.1002/cpe.5206
https://onlinelibrary.wiley.com/doi/epdf/10.1002/cpe.5206 doi:10.1002/cpe.5206
https://onlinelibrary.wiley.com/doi/pdfdirect/10.1002/cpe.5206 doi:10.1002/cpe.5206
https://www.tandfonline.com/doi/full/10.1080/01621459.2017.1285773 doi:10.1080/01621459.2017.1285773
https://journals.sagepub.com/doi/abs/10.1177/0278364913491297 doi:10.1177/0278364913491297
https://www.science.org/doi/10.1126/science.aar6404 doi:10.1126/science.aar6404
https://www.pnas.org/doi/full/10.1073/pnas.1517384113 doi:10.1073/pnas.1517384113
https://www.pnas.org/content/113/15/3932 -
https://pubs.acs.org/doi/10.1021/acs.jcim.8b00839 doi:10.1021/acs.jcim.8b00839
https://journals.aps.org/prl/abstract/10.1103/PhysRevLett.116.061102 doi:10.1103/physrevlett.116.061102
https://link.aps.org/doi/10.1103/PhysRevLett.116.061102 doi:10.1103/physrevlett.116.061102
https://iopscience.iop.org/article/10.1088/1742-5468/ac3a74/meta doi:10.1088/1742-5468/ac3a74
https://iopscience.iop.org/article/10.1088/1742-5468/ac3a74/pdf doi:10.1088/1742-5468/ac3a74
https://academic.oup.com/bib/article/doi/10.1093/bib/bbac409/6711410 doi:10.1093/bib/bbac409
https://academic.oup.com/bioinformatics/article/36/4/1234/5566506 -
https://direct.mit.edu/neco/article-abstract/doi/10.1162/neco.1997.9.8.1735/6109 doi:10.1162/neco.1997.9.8.1735/6109
https://www.nature.com/articles/nature14539 doi:10.1038/nature14539
https://www.nature.com/articles/s41586-021-03819-2.pdf doi:10.1038/s41586-021-03819-2
https://www.nature.com/articles/s41586-021-03819-2/figures/1 -
https://www.nature.com/nature/journal/v521/n7553/full/nature14539.html doi:10.1038/nature14539
https://www.nature.com/collections/abcdefghij -
https://www.nature.com/nature -
https://www.frontiersin.org/articles/10.3389/fnins.2020.00001/full doi:10.3389/fnins.2020.00001
https://www.frontiersin.org/journals/neuroscience/articles/10.3389/fnins.2020.00001/pdf doi:10.3389/fnins.2020.00001
https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0123456 doi:10.1371/journal.pone.0123456
https://journals.plos.org/plosone/article/file?id=10.1371/journal.pone.0123&type=printable doi:10.1371/journal.pone.0123
http://www.plosone.org/article/info%3Adoi%2F10.1371%2Fjournal.pone.0123456 doi:10.1371/journal.pone.0123456
https://elifesciences.org/articles/47314 doi:10.7554/elife.47314
https://elifesciences.org/articles/47314v2 doi:10.7554/elife.47314
https://elifesciences.org/reviewed-preprints/89337 doi:10.7554/elife.89337
https://elifesciences.org/subjects/neuroscience -
https://peerj.com/articles/cs-123/ doi:10.7717/peerj-cs.123
https://peerj.com/articles/4567/ doi:10.7717/peerj.4567
https://peerj.com/preprints/27295/ -
https://www.hindawi.com/journals/scn/2021/1234567/ doi:10.1155/2021/1234567
https://www.hindawi.com/journals/scn/ -
https://pubs.rsc.org/en/content/articlehtml/2020/sc/d0sc01234a doi:10.1039/d0sc01234a
https://scipost.org/SciPostPhys.10.1.001/pdf doi:10.21468/scipostphys.10.1.001
https://scipost.org/submissions/ -
https://joss.theoj.org/papers/10.21105/joss.01234 doi:10.21105/joss.01234
https://www.emerald.com/insight/content/doi/10.1108/EL-06-2022-0141/full/html doi:10.1108/el-06-2022-0141
https://www.worldscientific.com/doi/abs/10.1142/S0218488502001648 doi:10.1142/s0218488502001648
https://epubs.siam.org/doi/10.1137/16M1080173 doi:10.1137/16m1080173
https://pubsonline.informs.org/doi/abs/10.1287/opre.2018.1757 doi:10.1287/opre.2018.1757
https://royalsocietypublishing.org/doi/full/10.1098/rspa.2016.0446 doi:10.1098/rspa.2016.0446
https://www.annualreviews.org/doi/10.1146/annurev-statistics-010814-020120 doi:10.1146/annurev-statistics-010814-020120
https://www.cambridge.org/core/journals/acta-numerica/article/title/ABCDEF0123456789 -
https://ieeexplore.ieee.org/document/7780459 -
https://ieeexplore.ieee.org/abstract/document/7780459/ -
https://ieeexplore.ieee.org/stamp/stamp.jsp?tp=&arnumber=7780459 -
https://www.sciencedirect.com/science/article/pii/S0140673620301835 -
https://www.mdpi.com/2076-3417/10/1/123 -
https://www.jstor.org/stable/2346178 -
https://www.researchgate.net/publication/319770456_Title -
https://www.nber.org/papers/w31122 doi:10.3386/w31122
https://www.nber.org/system/files/working_papers/w31122/w31122.pdf doi:10.3386/w31122
https://www.nber.org/papers -
https://www.rfc-editor.org/rfc/rfc9110.html doi:10.17487/rfc9110
https://www.rfc-editor.org/info/rfc9110 doi:10.17487/rfc9110
https://datatracker.ietf.org/doc/html/rfc9110#section-8.6 doi:10.17487/rfc9110
https://tools.ietf.org/html/rfc2616 doi:10.17487/rfc2616
https://datatracker.ietf.org/doc/draft-ietf-quic-http/ -
""",
    "preprint servers and repositories": """
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v1 doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v1.full.pdf doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v1.full.pdf+html doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v2.supplementary-material doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/10.1101/2021.06.06.079116v1.article-metrics doi:10.1101/2021.06.06.079116
https://www.biorxiv.org/content/biorxiv/early/2018/01/31/123456.full.pdf doi:10.1101/123456
https://www.biorxiv.org/content/early/2018/01/31/123456 doi:10.1101/123456
https://www.biorxiv.org/content/10.1101/123456v3.full-text doi:10.1101/123456
https://www.medrxiv.org/content/10.1101/2020.05.05.20079115v2.full doi:10.1101/2020.05.05.20079115
https://www.biorxiv.org/collection/neuroscience -
https://www.biorxiv.org/search/attention -
https://papers.ssrn.com/sol3/papers.cfm?abstract_id=3126971 doi:10.2139/ssrn.3126971
https://papers.ssrn.com/abstract=3126971 doi:10.2139/ssrn.3126971
https://ssrn.com/abstract=3126971 doi:10.2139/ssrn.3126971
https://papers.ssrn.com/sol3/Delivery.cfm/SSRN_ID3126971.pdf?abstractid=3126971&mirid=1 doi:10.2139/ssrn.3126971
https://papers.ssrn.com/sol3/cf_dev/AbsByAuth.cfm?per_id=1234567 -
https://zenodo.org/record/7536416 doi:10.5281/zenodo.7536416
https://zenodo.org/records/7536416/files/data.zip?download=1 doi:10.5281/zenodo.7536416
https://zenodo.org/doi/10.5281/zenodo.7536416 doi:10.5281/zenodo.7536416
https://zenodo.org/badge/latestdoi/123456789 -
https://zenodo.org/communities/openaire -
https://figshare.com/articles/dataset/Traces/12345678 doi:10.6084/m9.figshare.12345678
https://figshare.com/authors/Ada/123 -
https://datadryad.org/stash/dataset/doi:10.5061/dryad.234 doi:10.5061/dryad.234
https://dataverse.harvard.edu/dataset.xhtml?persistentId=doi:10.7910/DVN/ABC123 doi:10.7910/dvn/abc123
https://osf.io/preprints/psyarxiv/ab3de doi:10.31234/osf.io/ab3de
https://osf.io/preprints/psyarxiv/ab3de_v2 doi:10.31234/osf.io/ab3de_v2
https://psyarxiv.com/ab3de/download doi:10.31234/osf.io/ab3de
https://osf.io/preprints/socarxiv/ab3de/ doi:10.31235/osf.io/ab3de
https://osf.io/preprints/osf/ab3de doi:10.31219/osf.io/ab3de
https://edarxiv.com/ab3de doi:10.35542/osf.io/ab3de
https://osf.io/ab3de/ -
https://psyarxiv.com/about -
https://osf.io/preprints/psyarxiv -
https://www.preprints.org/manuscript/202101.0001/v1/download doi:10.20944/preprints202101.0001.v1
https://www.preprints.org/manuscript/202101.0001 doi:10.20944/preprints202101.0001.v1
https://www.preprints.org/subject/browse/computer-science -
https://www.researchsquare.com/article/rs-123456/v1 doi:10.21203/rs.3.rs-123456/v1
https://www.researchsquare.com/article/rs-123456/latest -
https://www.researchsquare.com/article/rs-123456/v1.pdf doi:10.21203/rs.3.rs-123456/v1
https://www.researchsquare.com/browse -
https://www.techrxiv.org/doi/full/10.36227/techrxiv.19361870.v1 doi:10.36227/techrxiv.19361870.v1
https://hal.science/hal-01234567 -
https://hal.science/hal-01234567v2/document -
https://hal.archives-ouvertes.fr/hal-01234567/file/paper.pdf -
https://hal.inria.fr/inria-00100000 -
https://eprint.iacr.org/2020/1234 -
https://chemrxiv.org/engage/chemrxiv/article-details/60c74a99ee301c3ec8c79b3e -
https://philarchive.org/rec/LOVNOT -
""",
    "proceedings": """
https://www.ijcai.org/proceedings/2019/366 doi:10.24963/ijcai.2019/366
https://www.ijcai.org/proceedings/2019/0366.pdf doi:10.24963/ijcai.2019/366
https://www.ijcai.org/Proceedings/2018/12 doi:10.24963/ijcai.2018/12
https://www.ijcai.org/Proceedings/16/Papers/366.pdf -
https://www.ijcai.org/proceedings/2016/366 -
https://www.ijcai.org/proceedings/2019/ -
https://ojs.aaai.org/index.php/AAAI/article/view/17325 -
https://ojs.aaai.org/index.php/AAAI/article/download/17325/17132 -
https://aaai.org/papers/00001-attention/ -
https://openaccess.thecvf.com/content_cvpr_2016/html/He_Deep_Residual_Learning_CVPR_2016_paper.html -
https://openaccess.thecvf.com/content/ICCV2021/papers/Liu_Swin_ICCV_2021_paper.pdf -
https://www.ecva.net/papers/eccv_2020/papers_ECCV/html/1234_ECCV_2020_paper.php -
https://jmlr.org/papers/v15/srivastava14a.html -
https://www.jmlr.org/papers/volume15/srivastava14a/srivastava14a.pdf -
https://proceedings.mlr.press/v139/radford21a.html -
http://proceedings.mlr.press/v97/tan19a/tan19a.pdf -
https://papers.nips.cc/paper/7181-attention-is-all-you-need -
https://proceedings.neurips.cc/paper/2017/hash/3f5ee243547dee91fbd053c1c4a845aa-Abstract.html -
https://papers.neurips.cc/paper_files/paper/2017/file/3f5ee243547dee91fbd053c1c4a845aa-Paper.pdf -
https://neurips.cc/virtual/2023/poster/70001 -
https://proceedings.mlsys.org/paper_files/paper/2023/hash/abc-Abstract.html -
https://www.usenix.org/conference/osdi22/presentation/yu -
https://www.usenix.org/system/files/osdi22-yu.pdf -
https://www.vldb.org/pvldb/vol16/p1-lovelace.pdf -
https://www.isca-speech.org/archive/Interspeech_2018/abstracts/2334.html doi:10.21437/interspeech.2018-2334
https://www.isca-speech.org/archive/Interspeech_2019/pdfs/2708.pdf doi:10.21437/interspeech.2019-2708
https://www.isca-speech.org/archive/interspeech_2021/penney21_interspeech.html -
https://www.isca-archive.org/interspeech_2020/gulati20_interspeech.html -
https://www.isca-speech.org/archive/Interspeech_2012/abstracts/1234.html -
https://drops.dagstuhl.de/entities/document/10.4230/LIPIcs.ITCS.2021.1 doi:10.4230/lipics.itcs.2021.1
https://drops.dagstuhl.de/opus/volltexte/2021/13540/ -
https://www.roboticsproceedings.org/rss17/p001.html -
https://bmvc2022.mpi-inf.mpg.de/0001/ -
""",
    "GitHub": """
https://github.com/vllm-project/vllm github:vllm-project/vllm
https://github.com/vllm-project/vllm/ github:vllm-project/vllm
https://github.com/vllm-project/vllm.git github:vllm-project/vllm
http://www.github.com/VLLM-Project/vLLM/issues/1#issuecomment-1 github:vllm-project/vllm
https://github.com/vllm-project/vllm/blob/main/10.1145/1.md github:vllm-project/vllm
https://raw.githubusercontent.com/vllm-project/vllm/main/README.md github:vllm-project/vllm
https://github.com/vllm-project -
https://github.com/topics/llm -
https://github.com/orgs/vllm-project/repositories -
https://gist.github.com/someone/0123456789abcdef0123456789abcdef -
https://vllm-project.github.io/vllm/ -
https://gitlab.com/group/project -
""",
    "addresses inside others": """
https://web.archive.org/web/20200101000000/https://arxiv.org/abs/1706.03762 arxiv:1706.03762
https://web.archive.org/web/20200101000000*/https://arxiv.org/abs/1706.03762 arxiv:1706.03762
https://web.archive.org/web/2020if_/https://doi.org/10.1145/3600006.3613165 doi:10.1145/3600006.3613165
http://archive.org/wayback/20200101/http://arxiv.org/abs/1706.03762 arxiv:1706.03762
https://web.archive.org/web/2019/http://aclanthology.info/papers/P16-1160/p16-1160 acl:P16-1160
https://web.archive.org/web/2020/https://www.nature.com/articles/nature14539 doi:10.1038/nature14539
https://web.archive.org/web/2020/https://example.org/paper.pdf -
https://web.archive.org/web/2020/https://github.com/owner/name -
https://archive.ph/2020/https://arxiv.org/abs/1706.03762 arxiv:1706.03762
https://archive.is/newest/https://arxiv.org/abs/1706.03762 arxiv:1706.03762
https://archive.ph/AbCdE -
https://archive.org/details/arxiv-1706.03762 -
https://www.webcitation.org/query?url=https%3A%2F%2Farxiv.org%2Fabs%2F1706.03762&date=2018-01-01 arxiv:1706.03762
https://www.google.com/url?q=https://arxiv.org/abs/1706.03762&sa=D arxiv:1706.03762
https://www.google.com/url?sa=t&url=https%3A%2F%2Fdoi.org%2F10.1145%2F3600006.3613165 doi:10.1145/3600006.3613165
https://www.google.com/url?q=https://openreview.net/forum?id%3DrJXMpikCZ openreview:rJXMpikCZ
https://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/1706.03762&hl=en arxiv:1706.03762
https://l.facebook.com/l.php?u=https%3A%2F%2Farxiv.org%2Fabs%2F1706.03762&h=AT0 arxiv:1706.03762
https://link.zhihu.com/?target=https%3A//arxiv.org/abs/1706.03762 arxiv:1706.03762
https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Farxiv%2Eorg%2Fabs%2F1706%2E03762 arxiv:1706.03762
https://www.google.com/search?q=arxiv+1706.03762 -
https://scholar.google.com/scholar?q=10.1145/3600006.3613165 -
https://scholar.google.com/citations?user=AbCdEfG -
https://t.co/AbCdEfGhIj -
https://translate.google.com/translate?u=https://example.org/ -
""",
    "what only looks like an identifier": """
https://example.org/papers/1706.03762.pdf -
https://example.org/10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://example.org/v10.1145/file -
https://example.org/?doi=10.1145/3600006.3613165 doi:10.1145/3600006.3613165
https://example.org/?q=10.1145/3600006.3613165 -
https://example.org/release/10.12/notes -
https://delivery.acm.org/10.1145/3190000/3186116/p499.pdf -
https://192.0.2.1/10.5/x -
ftp://ftp.example.org/10.1145/3600006.3613165 -
mailto:10.1145/3600006.3613165@example.org -
https:///10.1145/3600006.3613165 -
""",
}
SHA = "204e3073870fae3d05bcbc2f6a8e263d9b72e776"
SICI = "10.1002/(SICI)1097-024X(199908)29:10%3C833::AID-SPE260%3E3.0.CO;2-1"
NOTES = "10.1175/1520-0469(1963)020%3C0130:DNF%3E2.0.CO;2"
SITES["old DOIs"] = f"""
https://journals.ametsoc.org/doi/abs/{NOTES} doi:{unquote(NOTES).lower()}
https://journals.ametsoc.org/doi/pdf/{NOTES}?download=true doi:{unquote(NOTES).lower()}
https://esajournals.example.org/doi/10.1890/0012-9658(2006)87[12:A]2.0.CO;2 doi:10.1890/0012-9658(2006)87[12:a]2.0.co;2
"""
ROWS = [row.replace("SHA", SHA) for table in SITES.values() for row in table.strip().split("\n")]


@pytest.mark.parametrize("row", ROWS)
def test_an_address_holds_this_identifier_or_none(row: str) -> None:
    url, named = row.split(" ")
    scheme, _, value = named.partition(":")
    assert of_url(url) == (() if named == "-" else (Identifier(Scheme(scheme), value),))


def test_the_table_is_long() -> None:
    assert len(set(ROWS)) == len(ROWS) > 250
