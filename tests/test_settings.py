"""Settings out of files and the environment."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.services import SERVICES
from enrich.settings import HostPace, Ignore, Settings, SettingsError, keys, load


def write(folder: Path, text: str, name: str = "enrich.toml") -> Path:
    """A settings file in the folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    loaded = load(None, tmp_path, {})
    assert loaded.settings == Settings()
    assert loaded.origins == {}
    assert loaded.trusts_services


def test_the_file_beside_the_catalog_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        contact = "list@example.org"
        refresh_days = 14
        fail_on = "warning"
        accept = {"Example.org" = [403]}
        allow_private = ["10.0.0.0/8", "intranet.example.org"]
        [pace."slow.example.org"]
        interval = 2
        [[ignore]]
        pattern = "https://old.example.org/*"
        reason = "being moved"
        until = 2027-03-01
        """,
    )
    assert load(path, tmp_path, {}).settings.allow_private == ("10.0.0.0/8", "intranet.example.org")
    path.write_text(path.read_text().replace('"10.0.0.0/8", "intranet.example.org"', ""))
    loaded = load(None, tmp_path, {})
    assert loaded.settings.contact == "list@example.org"
    assert loaded.settings.refresh_days == 14
    assert loaded.settings.accept == {"example.org": (403,)}
    assert loaded.settings.pace == {"slow.example.org": HostPace(interval=2)}
    assert loaded.settings.ignore[0].until == date(2027, 3, 1)
    assert loaded.origins["contact"] == loaded.origins["ignore"] == str(path)
    assert "timeout" not in loaded.origins


def test_a_byte_order_mark_is_no_setting(tmp_path: Path) -> None:
    write(tmp_path, "\ufefftries = 5\n")
    assert load(None, tmp_path, {}).settings.tries == 5


def test_enrich_toml_goes_before_pyproject(tmp_path: Path) -> None:
    write(tmp_path, "[tool.enrich]\ntries = 5\n", "pyproject.toml")
    assert load(None, tmp_path, {}).settings.tries == 5
    write(tmp_path, "tries = 6\n")
    assert load(None, tmp_path, {}).settings.tries == 6


@pytest.mark.parametrize("text", ["[project]\nname = 'x'\n", "tool = 3\n", "[tool.other]\na = 1\n", "[tool.enrich]\n"])
def test_a_pyproject_of_others_says_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, text, "pyproject.toml")
    assert load(None, tmp_path, {}).settings == Settings()


def test_a_named_file_is_read_in_place_of_the_folders(tmp_path: Path) -> None:
    write(tmp_path, "tries = 5\n")
    config = write(tmp_path, "tries = 6\n", "other.toml")
    assert load(config, tmp_path, {}).settings.tries == 6
    with pytest.raises(SettingsError, match=r"nowhere\.toml: file not found"):
        load(tmp_path / "nowhere.toml", tmp_path, {})


def test_paths_in_a_file_are_relative_to_it(tmp_path: Path) -> None:
    write(tmp_path, f"cache_dir = 'answers'\nhistory = '{tmp_path}/h.json'\n")
    settings = load(None, tmp_path, {}).settings
    assert settings.cache_dir == tmp_path / "answers"
    assert settings.history == tmp_path / "h.json"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    write(tmp_path, "contact = 'file@example.org'\ncache_dir = 'answers'\n")
    loaded = load(None, tmp_path, {"ENRICH_CONTACT": " me@example.org\n", "ENRICH_CACHE_DIR": "here", "OTHER": "x"})
    assert loaded.settings.contact == "me@example.org"
    assert loaded.settings.cache_dir == Path("here")
    assert loaded.origins == {"contact": "ENRICH_CONTACT", "cache_dir": "ENRICH_CACHE_DIR"}


def test_an_empty_variable_says_nothing(tmp_path: Path) -> None:
    assert load(None, tmp_path, {"ENRICH_CONTACT": " "}).settings.contact is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tries = \ntimeout = 3", "cannot be read as TOML: .*line 1"),
        ("timout = 3", "timout: unknown setting; did you mean timeout\\?$"),
        ("timeout = 0", "timeout: must be greater than 0 \\(got 0\\)"),
        ("timeout = nan", "timeout: must be a finite number"),
        ("refresh_days = true", "refresh_days: must be a number \\(got true\\)"),
        ("tries = '3'", "tries: must be an integer \\(got '3'\\)"),
        ("fail_on = 'sometimes'", "fail_on: must be 'never', 'error', 'warning' or 'new' \\(got 'sometimes'\\)"),
        ("contact = 'nobody'", "contact: must be an e-mail address"),
        ('contact = "a@b.org\\r\\nHost: x"', "contact: must be an e-mail address"),
        ("ignore = [{pattern = 'x'}]", r"ignore\[0\]\.reason: each `ignore` needs a `pattern` and a `reason`"),
        (
            "ignore = [{pattern = 'x', reason = 'y', untill = 2027-01-01}]",
            r"ignore\[0\]\.untill: unknown setting; did you mean until\?",
        ),
        ("pace = {'a.org' = {speed = 1}}", r"pace\.a\.org\.speed: .*choose one of interval, concurrency"),
        ("accept = {'https://a.org' = [403]}", r"accept\.https://a\.org: must be a host name"),
        ("accept = {'a.org' = [99]}", r"accept\.a\.org\[0\]: must be at least 100 \(got 99\)"),
        ("allow_private = ['10.0.0.0/33']", r"allow_private\[0\]: '10\.0\.0\.0/33' does not appear"),
        ("services = {arxiv = 'mirror.example.org'}", r"services\.arxiv: must be a web address"),
        ("ignore = ['a.example']", r"ignore\[0\]: each `ignore` needs a `pattern` and a `reason`"),
        ("fields = ['title', 'shelf']", r"fields\[1\]: unknown field; choose one of title, authors"),
        ("services = {dblp = 'https://dblp.org'}", r"services\.dblp: unknown service; choose one of arxiv, "),
        ("services = {crosref = 'https://a.org'}", r"services\.crosref: unknown service; did you mean crossref\?$"),
        (
            "ignore = [{pattern = 'x', reason = 'y', rule = 'broken-links'}]",
            r"ignore\[0\]\.rule: unknown rule; did you mean broken-link\?$",
        ),
        ("tries = 0", r"tries: must be a positive integer \(got 0\)"),
        ("fields = 'title'", r"fields: must be a list \(got 'title'\)"),
        ("ignore = [{pattern = 'x', reason = 'y', until = 'soon'}]", "until: must be a date such as 2027-01-31"),
        ("[tool.enrich]\ntries = 3", "tool: unknown setting"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError, match=f"(?s){words}") as raised:
        load(None, tmp_path, {})
    assert str(raised.value).startswith(f"{path}: " if "TOML" in words else f"{path}:1: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# a\n\n  timout = 3", ":3"),
        ("tries = 3\r\ntimout = 3\r\n", ":2"),
        ("[pace]\n'a.org' = {}\n\"b.org\".speed = 1", ":3"),
        ('[pace."a.org"]\ninterval = 1\n[ pace . "b.org" ] # x\nspeed = 1', ":4"),
        ("pace.'a.org' . speed = 1", ":1"),
        ("pace = {'a.org' = {interval = 1}}\ntries = 'x'", ":2"),
        ("[services]\narxiv = 'https://a.org'\ndoi = 'x'", ":3"),
        ("[[ignore]]\npattern = 'x'\nreason = 'y'\n[[ignore]]\npattern = 'x'", ":4"),
        ("[[ignore]]\npattern = 'x'\nreason = 'y'\n[[ignore]]\npattern = 'x'\nreason = 3", ":6"),
        ("allow_private = [\n  'a',\n  '10.0.0.0/99',\n]", ":1"),
        ("ignore = [\n {pattern = 'x', reason = 'y'},\n {pattern = 3, reason = 'y'},\n]", ":1"),
        # Which of the two it is cannot be told by their look.
        ('history = """\ntimout = 3\n"""\ntimout = 3', ""),
        ("history = '''\n\"\\q\" = 3\n'''\ntimout = 3", ":4"),
    ],
)
def test_its_line_is_told_where_it_is_plain(tmp_path: Path, text: str, line: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as raised:
        load(None, tmp_path, {})
    assert str(raised.value).startswith(f"{path}{line}: "), str(raised.value)


def test_the_line_of_a_setting_in_pyproject(tmp_path: Path) -> None:
    path = write(tmp_path, "[project]\ntries = 'x'\n[tool.enrich]\ntries = 'x'\n", "pyproject.toml")
    with pytest.raises(SettingsError) as raised:
        load(None, tmp_path, {})
    assert str(raised.value).startswith(f"{path}:4: tries: ")


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "tries = 0\ntimeout = -1\n")
    with pytest.raises(SettingsError) as raised:
        load(None, tmp_path, {"ENRICH_CONTACT": "x"})
    assert [line.split(": ")[:2] for line in str(raised.value).splitlines()] == [
        ["ENRICH_CONTACT", "contact"],
        [f"{path}:2", "timeout"],
        [f"{path}:1", "tries"],
    ]


def test_a_table_must_be_one(tmp_path: Path) -> None:
    write(tmp_path, "[tool]\nenrich = 3\n", "pyproject.toml")
    with pytest.raises(SettingsError, match="must be a table"):
        load(None, tmp_path, {})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "enrich.toml").mkdir()
    with pytest.raises(SettingsError, match=r"enrich\.toml: cannot be read"):
        load(None, tmp_path, {})


def test_base_urls_of_a_strangers_file_are_not_trusted_with_keys(tmp_path: Path) -> None:
    config = write(tmp_path, "services = {arxiv = 'https://mirror.example.org/'}\n")
    loaded = load(None, tmp_path, {})
    assert not loaded.trusts_services
    assert loaded.base("arxiv", "https://export.arxiv.org") == "https://mirror.example.org"
    assert loaded.base("doi", "https://doi.org/") == "https://doi.org"
    assert load(config, tmp_path, {}).trusts_services


def test_every_service_has_a_base_url_to_set(tmp_path: Path) -> None:
    write(tmp_path, "\n".join(["[services]", *(f"{service.name} = 'http://127.0.0.1:1'" for service in SERVICES)]))
    assert set(load(None, tmp_path, {}).settings.services) == {service.name for service in SERVICES}


def test_keys_come_from_the_environment_alone() -> None:
    assert keys({"GITHUB_TOKEN": " abc\n", "SEMANTIC_SCHOLAR_API_KEY": "", "HOME": "x"}) == {"GITHUB_TOKEN": "abc"}


@pytest.mark.parametrize("value", ["a b", "a\nb", "schlüssel", "a\x00b"])
def test_a_key_that_no_header_can_carry_is_refused_and_never_shown(value: str) -> None:
    with pytest.raises(SettingsError, match="GITHUB_TOKEN") as raised:
        keys({"GITHUB_TOKEN": value})
    assert value not in str(raised.value)


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("rule", "subjects", "matches"),
    [
        ({"pattern": "https://a.org/*"}, ["https://a.org/b/c", "key"], True),
        ({"pattern": "https://a.org/*"}, ["https://b.org/b/c", None], False),
        ({"pattern": "key"}, [None, "key"], True),
        ({"pattern": "https://a.org/?q=[1]"}, ["https://a.org/?q=[1]"], True),
        ({"pattern": "*", "until": TODAY}, ["x"], True),
        ({"pattern": "*", "until": date(2026, 11, 20)}, ["x"], False),
        ({"pattern": "*", "rule": "broken-link"}, ["x"], True),
        ({"pattern": "*", "rule": "moved-link"}, ["x"], False),
    ],
)
def test_an_ignore_rule(rule: dict[str, object], subjects: list[str | None], *, matches: bool) -> None:
    ignore = Ignore.model_validate({"reason": "known", **rule})
    assert ignore.matches(subjects, TODAY, "broken-link") is matches


@given(st.text(min_size=1))
def test_every_url_is_a_pattern_for_itself(url: str) -> None:
    assert Ignore(pattern=url, reason="known").matches([url], TODAY)
