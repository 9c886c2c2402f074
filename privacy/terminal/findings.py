"""How a doctor's findings are shown, by every program that has one."""

from collections.abc import Iterable

import click

from privacy.finding import Finding
from privacy.terminal.voice import Voice

_MARKS = {"good": "✓", "warning": "!", "fault": "✗"}


def show(found: Iterable[Finding], voice: Voice, *, as_json: bool) -> None:
    """Prints findings, and ends the program with exit status 1 where one is a fault."""
    findings = list(found)
    if as_json:
        voice.emit([vars(each) for each in findings])
    else:
        wide = max(10, *(len(each.what) for each in findings))
        for each in findings:
            voice.say(f"{_MARKS[each.status]} {each.what:<{wide}} {each.says}")
            if each.do:
                voice.say(f"{'':<{wide + 2}} → {each.do}")
    if any(each.status == "fault" for each in findings):
        raise click.exceptions.Exit(1)
