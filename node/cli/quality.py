"""kudos-node quality: how good the imported data are."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.quality.report import Report
    from node.quality.texts import Language


@click.command()
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write the report to a file that prints well.")
@click.option("--language", type=click.Choice(["en", "nb"]), default="en", show_default=True, help="English or bokmål.")
@output.common
def command(page: Path | None, language: "Language") -> None:
    """Show how good your data are: who is known and by what, what was left out, where the series has gaps.

    Beside each thing that stands out is what to do about it, and beside the shares what they were before the last
    import. They are counts of your own store; nothing in the report says who any customer is.

    \b
    Examples:  kudos-node quality
               kudos-node quality --language nb --html kvalitet.html
    """
    from node.quality.report import report
    from node.store.database import opened
    from node.store.span import today

    home = output.state.home
    settings = home.settings()
    if page is not None:
        output.refuse_target(page)
    now = today(settings.timezone)
    with opened(home, say=output.complain) as connection:
        found = report(connection, now)
    if page is not None:
        from node.home import write_private
        from node.quality.page import render

        write_private(page, render(found, settings.name, now, language).encode())
    if output.state.as_json:
        output.emit(found.as_json())
        return
    _print(found, settings.name, language)
    if page is not None:
        output.say(str(page))


def _print(found: "Report", name: str, language: "Language") -> None:
    from node.quality import texts
    from node.quality.report import SHARES, shares

    def word(key: str, **values: object) -> str:
        return texts.word(key, language, **values)

    def shown(share: float | None) -> str:
        return texts.share(share, language)

    now = found.now
    output.say(f"{word('title')}: {name}")
    if now.first is not None and now.last is not None:
        output.say(word("span", lines=now.lines, orders=now.orders, first=now.first, last=now.last))
    output.say()
    before = None if found.before is None else shares(found.before)
    columns = ["", f"{word('now')}>"] + ([f"{word('before')}>"] if before is not None else [])
    output.table(
        columns,
        [
            (word(f"share-{key}"), shown(share), *([] if before is None else [shown(before[key])]))
            for key, share in shares(now).items()
            if key in SHARES
        ],
        title=word("known"),
    )
    output.say()
    output.say(word("findings"))
    for each in found.findings:
        fact, advice = texts.finding(each.code, language, each.values)
        output.prose(f"  {word(f'level-{each.level}')}: {fact} {advice}")
    if not found.findings:
        output.say(f"  {word('nothing')}")
    if found.last is not None:
        last = found.last
        output.say()
        output.say(word("last"))
        counts = {name: getattr(last, name) for name in ("rows", "lines_new", "lines_updated", "skipped", "rejected")}
        output.prose("  " + word("last-line", files=", ".join(last.files), **counts))
        for note in last.notes:
            where = f' ({word("column")} "{note.column}")' if note.column else ""
            output.prose(f"  {texts.number(note.rows)}: {texts.reason(note.kind, note.reason, language)}{where}")
