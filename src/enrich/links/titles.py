"""Titles that say something other than the page's subject: not found, out of order, sign in. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from enrich.model import LONGEST_TITLE

_LONGEST_PART = 200  # characters of a part of a title that may be only this

# Between the page's own title and its site's: `Page not found | A Site`.
_BORDER = re.compile(r"\s[|·»«•‹›<>~@/―–—:-]+\s|[|»•｜]|(?<=[^\x00-\x7f])_")
_FROM_FIRST_TO_LAST_LETTER = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)

_THING = (
    r"(?:(?:web ?)?(?:page|site)|file|document|article|content|resource|paper|post|item|url|link|address|object|record|"
    r"entry|repository|project|user|account|profile|video|doi|thread|topic|dataset|model|product|publication|event|service|"
    r"domain)s?"
)
# Words in a title after which it is worth requesting a made-up URL of the site.
_MAYBE_MISSING = re.compile(
    r"\b404\b|\bnot (?:be )?(?:found|available)\b|\b(?:can(?:'t|not|not be)|couldn't|could not) (?:find|found)\b|"
    rf"\b(?:does not|doesn't|no longer) exists?\b|\bno such {_THING}\b|"
    rf"\b{_THING} (?:\w+ )?(?:isn't|wasn't|no longer|unavailable|removed|gone|missing)\b|\boops\b"
)


class _Language(NamedTuple):
    """How a language says that a page does not exist: words before the thing, the thing, and what is said about it."""

    before: str
    thing: str
    said: str
    blank: str = " "

    @property
    def pattern(self) -> str:
        """The pattern of the whole sentence."""
        return f"(?:(?:{self.before}){self.blank}){{0,4}}(?:{self.thing}){self.blank}(?:{self.said})"


_LANGUAGES = (
    _Language(
        "the|this|that|your|requested",
        rf"{_THING}(?: (?:that )?you(?:'re| are| were)?(?: looking for| (?:have )?requested)| requested)?",
        r"(?:(?:was|were|is|are|(?:has|have) been|could|can|does|do) ?)?(?:not|n't) "
        r"(?:be )?(?:found|available|exist|displayed)|"
        r"(?:(?:has|have|was|is) (?:been )?)?(?:no longer (?:exists?|available|here|online|active)|removed|deleted|"
        r"gone|missing|unavailable|suspended|disabled|deactivated|taken down|expired)|"
        r"(?:has been|was) (?:closed|discontinued|shut down|retired)",
    ),
    _Language(
        r"we|sorry",
        r"(?:can(?:no|')t|can not|couldn't|could not|(?:were|are) unable to) find",
        rf"(?:(?:the|this|that|your|a|requested) ){{0,3}}{_THING}"
        r"(?: (?:that )?you(?:'re| are| were)? (?:looking for|(?:have )?requested))?",
    ),
    _Language("", "no such|invalid", _THING),
    _Language(
        r"die|der|das|diese|(?:angeforderte|gewünschte|gesuchte)s?",
        "seite|datei|ressource|inhalt|dokument|artikel|objekt|adresse",
        r"(?:(?:wurde|konnte|ist|existiert) )?(?:leider )?nicht(?: mehr)?"
        r"(?: (?:gefunden|vorhanden|verfügbar|auffindbar))?(?: werden)?",
    ),
    _Language(
        "la|le|cette|ce",
        r"(?:page|ressource|fichier|document|article|contenu|adresse)(?: demandée?| recherchée?)?",
        r"(?:est )?(?:introuvable|inexistante?|(?:non|pas) trouvée?|n'existe (?:pas|plus)|n'a pas été trouvée?)",
    ),
    _Language(
        "la|el|a|o|esta|essa",
        r"(?:p[áaà]gina|archivo|arquivo|recurso|documento|conte(?:nido|údo)|art[íi]culo)(?: solicitad[ao]| que busca)?",
        r"(?:no|não) (?:(?:se|foi|ha sido|se ha|est[áa]) )?"
        r"(?:encontrad[ao]|encuentra|existe(?:nte)?|disponible|disponível|localizad[ao]|trobada)",
    ),
    _Language("la", "pagina|risorsa", r"non (?:è stata )?(?:trovata|esiste|esistente|disponibile)"),
    _Language("de|deze", "pagina", r"(?:is )?(?:niet gevonden|bestaat niet(?: meer)?)"),
    _Language("", "pagina", "nu (?:a fost găsită|există)"),
    _Language(
        "",
        "side[nt]|sidan",
        r"(?:blev |ble |kunne )?(?:ikke|inte) (?:fundet|funnet|findes)|finnes ikke|"
        r"(?:kunde inte hittas|hittades inte|finns inte)",
    ),
    _Language("", "sivua|lehte", "ei (?:löydy|löytynyt|leitud)"),
    _Language("", "stránka", r"(?:nebyla |sa )?(?:nenalezena|nalezena|neexistuje|nenašla)"),
    _Language("", "strona|strony", "nie (?:została )?(?:znaleziona|znaleziono|istnieje)"),
    _Language("", "nie", "znaleziono (?:strony|pliku)"),
    _Language("az|a|keresett", "oldal", "nem található"),
    _Language("", "sayfa|halaman", "bulunamadı|tidak ditemukan"),
    _Language("", "không", "tìm thấy trang"),
    _Language("", "страницат?а?|файл|документ", "не (?:найден[ао]?|существует|е намерена)"),
    _Language("", "сторінк[ау]", "не (?:знайден[оа]|існує)"),
    _Language("η", "σελίδα", "δεν βρέθηκε"),
    _Language("", "הדף|העמוד", "לא נמצא"),
    _Language("", "الصفحة|صفحه(?: مورد نظر)?", "غير موجودة|(?:یافت|پیدا) نشد"),
    _Language("요청하신", "(?:페이지|문서|파일)[를을가이]", "찾을 수 없(?:습니다|음)|존재하지 않습니다"),
    _Language(
        "お探しの|指定された|ご指定の",
        "(?:ページ|ファイル|コンテンツ)[はが]",
        "見つかりません(?:でした)?|存在しません|ありません",
        blank="",
    ),
    _Language(
        "抱歉[,，]?|对不起[,，]?|[您你]?(?:所|要)?(?:访问|请求|查找|浏览|找)的|该|此",
        "页面|网页|文件|内容|文章|页|頁面|網頁|檔案|內容|頁",
        "不存在|未找到|没有找到|找不到了?|已被?删除|不見了|已失效",
        blank="",
    ),
    _Language(
        "抱歉[,，]?",
        "找不到|未找到|没有找到|無法找到",
        "(?:该|此|該)?(?:页面|网页|文件|頁面|網頁|檔案|頁|页)",
        blank="",
    ),
)
"""A row for each language, or several if it has several ways; in lower case."""

# What may precede and follow the relevant words.
_BEFORE = (
    r"(?>(?:(?:o{1,4}ps|whoops|sorry|uh[ -]?oh|ups|http|https|status|code|err(?:ore?|eur|o)?|fehler|chyba|fel|feil|"
    r"fejl|virhe|hata|błąd|eroare|hiba|ошибка|помилка|错误|錯誤|エラー|오류|"
    r"(?:it )?(?:looks like|seems))[\W_]{0,4}+){0,6})"
)
_SAID = "|".join(
    (
        r"4(?:04|10)|not found|nothing (?:was )?found(?: here)?|no longer available|dead link",
        r"there isn't a github pages site here|ไม่พบหน้า(?:เว็บ)?",
        *(language.pattern for language in _LANGUAGES),
    )
)
_BEHIND = (
    r"on (?:this|the|our) (?:server|site|website)|error|page|1|(?:nginx|apache)(?:/[\w.]{1,20})?|页面|頁面|ページ|"
    r"fehler|erreur"
)
_IS_MISSING = re.compile(rf"{_BEFORE}(?:{_SAID})(?>(?:[\W_]{{1,4}}+(?:{_SAID}|{_BEHIND})){{0,6}})")

# A server's own page instead of any other.
_IS_OUT_OF_ORDER = re.compile(
    r"o{1,4}ps|whoops|uh[ -]?oh|(?>(?:(?:o{1,4}ps|sorry|whoops|http|status|code)[\W_]{0,4}+){0,3})(?:"
    r"(?>(?:(?:site|website|system|service|server|page|we(?:'re| are)|down|closed|currently|temporarily|under|for|"
    r"scheduled|is) ){0,6})maintenance(?: (?:mode|page|in progress))?|"
    r"(?:an )?(?>(?:(?:unexpected|unknown|fatal|application|runtime|server|internal) ){0,3})"
    r"error(?: (?:has )?occurred)?|"
    r"something went wrong|(?:(?:error|fehler|erreur) )?50[0-4](?:[\W_]{1,4}error)?|internal server error|bad gateway|"
    r"(?:service|site|server) (?:is )?(?:temporarily |currently )?unavailable|gateway time-?out|"
    r"error establishing a database connection|database (?:connection )?error|bandwidth limit exceeded|"
    r"(?:we(?:'ll| will) )?be (?:right )?back(?: soon| shortly)?|"
    r"welcome to nginx|apache2? [\w ]{0,40}default page(?:\W{1,4}it works)?|it works|test page for the [\w /.-]{0,80}|"
    r"iis windows(?: server)?|iis\d{0,2}|default web ?site page|(?:site|website|page) (?:is )?under construction|"
    r"wartungsarbeiten|wartungsmodus|site en (?:construction|maintenance)|en mantenimiento|"
    r"(?:网站|系统)维护中|メンテナンス中"
    r")(?>(?:[\W_]{1,4}+(?:50[0-4]|internal server error|bad gateway|service unavailable|gateway time-?out)){0,2})"
)

# Words that are also in the URL are the page's subject: `/wiki/HTTP_404`.
_TOPIC = re.compile(
    r"\b(?:404|410|50[0-4]|errors?|not found|missing|maintenance|nginx|apache|iis|oops|unavailable|suspended|removed|"
    r"deleted)\b"
)
_BLANKS = re.compile(r"[\W_]+")

# A title that only asks to sign in: `Sign in · A Forge`.
_LOGIN = re.compile(
    r"(?:please )?(?:sign|log)[ -]?in(?: (?:to|with|required)\b.*)?|(?:user )?log[ -]?in|sign[ -]?(?:on|up)|"
    r"(?:authentication|log[ -]?in) required"
)
_CONSENT = re.compile(
    r"before you continue(?: to \w+(?: \w+)?)?|(?:cookie|privacy) (?:consent|preferences|settings)|bevor sie fortfahren"
)


def may_be_missing(title: str) -> bool:
    """Return whether a title has the words of a "not found" page, even if it says more."""
    return bool(_MAYBE_MISSING.search(_folded(title))) or _is_missing(title)


def says_missing(title: str, url: str) -> bool:
    """Return whether a title says only that the page does not exist, and the URL is not about that."""
    return _is_missing(title) and not _is_about(url, title)


def says_out_of_order(title: str, url: str) -> bool:
    """Return whether a title reports a server error, nothing to serve, or maintenance."""
    return _says(title, _IS_OUT_OF_ORDER) and not _is_about(url, title)


def asks_to_sign_in(title: str) -> bool:
    """Return whether the page's own title is that of a login page."""
    return _LOGIN.fullmatch(_own_part(title)) is not None


def asks_for_consent(title: str) -> bool:
    """Return whether the page's own title is that of a consent page, shown before another page."""
    return _CONSENT.fullmatch(_own_part(title)) is not None


@lru_cache(maxsize=256)
def folded_title_parts(title: str) -> tuple[str, ...]:
    """Return the parts of a title in lower case: the page's, its site's, and what is between."""
    parts = map(_FROM_FIRST_TO_LAST_LETTER.search, _BORDER.split(_folded(title)))
    return tuple(part[0][: _LONGEST_PART + 1] for part in parts if part)


def _own_part(title: str) -> str:
    return next(iter(folded_title_parts(title)), "")


@lru_cache(maxsize=256)
def _is_missing(title: str) -> bool:
    return _says(title, _IS_MISSING)


def _says(title: str, pattern: re.Pattern[str]) -> bool:
    """Return whether the first or last part of a title matches: the page's and its site's come in either order."""
    parts = folded_title_parts(title)
    return any(map(pattern.fullmatch, parts[:1] + parts[1:][-1:]))


def _folded(title: str) -> str:
    text = unicodedata.normalize("NFC", title[:LONGEST_TITLE]).lower().replace("\u2019", "'")
    return " ".join(text.split())


def _is_about(url: str, title: str) -> bool:
    return not _topics(url).isdisjoint(_topics(title))


def _topics(text: str) -> set[str]:
    return set(_TOPIC.findall(_BLANKS.sub(" ", text.lower())))
