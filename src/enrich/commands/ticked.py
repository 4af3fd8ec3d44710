"""What a person ticked in the issue: accepted findings go into the settings file, fixes into the catalog and its lists.

Only findings of this run are looked up by the ids of the ticks; nothing else of the issue's text is used.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from enrich import files, settings
from enrich.commands.fix import fix_some
from enrich.commands.issue import Checked
from enrich.commands.terminal import complain, say
from enrich.model import Accepted, EnrichError, Finding, Report
from enrich.report import summary
from enrich.report.closing import open_findings
from enrich.report.ignoring import ignore_block
from enrich.report.ticks import Action, finding_id
from enrich.settings.adding import with_ignores

_NEW_FILE = "enrich.toml"


def apply_ticks(arguments: Namespace, path: Path, checked: Checked) -> Report:
    """Carry out the ticks for one catalog, and return its report without the findings accepted by them.

    What cannot be written is reported, and its ticks stay in the issue for the next run.
    """
    whole = checked.whole()
    accepted, to_fix = (_ticked(whole, checked, action) for action in Action)
    accepted = [finding for finding in accepted if ignore_block(finding)]
    report = checked.report
    if accepted:
        try:
            _accept(arguments, path, accepted, f"accepted in {checked.issue_url}")
        except EnrichError as error:
            complain(error)
            accepted = []
    if to_fix:
        try:
            fix_some(arguments, path, whole, to_fix)
        except EnrichError as error:
            complain(error)
    gone = {finding.identity for finding in accepted}
    return replace(
        report,
        findings=tuple(finding for finding in report.findings if finding.identity not in gone),
        accepted=(*report.accepted, *(Accepted(each, f"ticked in {checked.issue_url}") for each in accepted)),
    )


def _ticked(report: Report, checked: Checked, action: Action) -> list[Finding]:
    return [
        finding for finding in open_findings(report) if checked.ticks.has(action, finding_id(report.catalog, finding))
    ]


def _accept(arguments: Namespace, path: Path, findings: Sequence[Finding], reason: str) -> None:
    """Add a block for each finding to the settings file in use, or to a new one beside the catalog.

    Raises:
        EnrichError: The file cannot be read or written, or takes no further table.
    """
    target = settings.file_in_force(getattr(arguments, "config", None), path.parent) or path.parent / _NEW_FILE
    blocks = [block for finding in findings if (block := ignore_block(finding, reason))]
    try:
        data = target.read_bytes() if target.exists() else b""
        text = with_ignores(data.decode(), blocks, target)
        files.write(target, [text.encode()], follow_link=False)
    except (OSError, UnicodeDecodeError) as error:
        raise EnrichError(f"{target}: cannot be changed ({error}); fix the file or its permissions") from None
    say(arguments, f"{target}: {summary.number(len(blocks), 'finding')} accepted, as ticked in the issue")
