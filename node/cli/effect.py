"""kudos-node effect: what an event did, beside a cohort of others over the same months."""

from typing import TYPE_CHECKING, Any

import click

from node.cli import output
from node.cli.output import count, kroner
from privacy.terminal.reasons import in_words

if TYPE_CHECKING:
    from node.effects.doubts import Doubt
    from node.effects.effect import Effect, Side

MEASURES = {"revenue": "revenue_ore", "orders": "orders", "tickets": "tickets", "customers": "customers"}
_WORDS = {
    "NOT_THERE": "not published",
    "UNRELIABLE": "the cohort's figure is mostly noise",
    "NOTHING_SOLD": "you sold nothing",
    "OTHERS_TOO_SMALL": "without you too little is left of the cohort",
}


@click.command()
@click.argument("event")
@click.option("--measure", type=click.Choice(list(MEASURES)), default="revenue", show_default=True)
@click.option("--cohort", help="Whom to compare with (default: your industry where that is published, else network).")
@click.option("--before", type=click.IntRange(2, 12), metavar="MONTHS", help="So many months before it (default: 6).")
@click.option(
    "--after",
    type=click.IntRange(1, 12),
    metavar="MONTHS",
    help="So many months from its beginning (default: as long as it lasted, or 3).",
)
@output.common
def command(event: str, measure: str, cohort: str | None, before: int | None, after: int | None) -> None:
    """Show what EVENT did to your own figures, beside those of others in the same months.

    How your figures changed from before it to after it, less how those of the cohort did (difference in differences),
    with the interval that holds the truth 95 times in 100. Where a benchmark of the year before is there, your season
    is taken off too. What makes the answer doubtful is said below it: read that first.

    The own figures are exact. Nothing leaves this machine. Events: kudos-node event list

    \b
    Examples:  kudos-node effect "Premiere Peer Gynt"
               kudos-node effect "Spring campaign" --measure tickets --cohort network --before 9
    """
    from node.effects.answer import Question, answer
    from node.effects.doubts import doubts
    from node.events.file import events, find
    from node.membership.settings import membership

    home = output.state.home
    home.settings()
    registered = find(home, event)
    question = Question(registered, MEASURES[measure], cohort, before, after)
    found = answer(home, membership(home), question, reason_in_words, output.complain)
    said = doubts(found, events(home), reason_in_words)
    if output.state.as_json:
        output.emit(_json(found, said))
        return
    _print(found, said, measure)


def reason_in_words(reason: str) -> str:
    """Why a period is left out."""
    return _WORDS.get(reason) or in_words(reason)


def _print(found: "Effect", said: "list[tuple[Doubt, str]]", measure: str) -> None:
    asked, estimate = found.asked, found.estimate
    effect, low, high = estimate.percent
    days = f"from {asked.event.on}" if asked.event.until is None else f"{asked.event.on} – {asked.event.until}"
    output.say(f"{asked.event.name} ({asked.event.kind}), {days} · {measure} beside {asked.cohort} without you")
    output.say()
    output.table(
        ["", asked.by, "you>", "the others>", "±>", "note"],
        [
            *_rows("before", found.before, measure),
            *_rows("after", found.after, measure),
        ],
    )
    output.say()
    verdict = "within noise: it may have done nothing" if estimate.within_noise else "more than noise"
    output.say(f"Effect: {effect:+.1f} %, between {low:+.1f} % and {high:+.1f} % (95 times in 100) · {verdict}")
    season = "the same months a year before are taken off" if estimate.season else "no season is taken off"
    output.prose(
        f"  your change from before to after, less the others'; {season}; {found.series.study}, version "
        f"{found.series.version}; the others' figures are within the study's bounds, and yours whole"
    )
    if said:
        output.say("What makes it doubtful:")
        for _, sentence in said:
            output.prose(f"  - {sentence}")


def _rows(name: str, sides: "tuple[Side, ...]", measure: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for index, side in enumerate(sides):
        head = "" if index else name
        if side.pair is None:
            rows.append((head, side.named.label, "", "", "", f"left out: {reason_in_words(str(side.reason))}"))
        else:
            figures = (_figure(each, measure) for each in (side.pair.own, side.pair.cohort, side.pair.error))
            rows.append((head, side.named.label, *figures, ""))
    return rows


def _figure(value: float, measure: str) -> str:
    return kroner(value) if measure == "revenue" else count(round(value))


def _json(found: "Effect", said: "list[tuple[Doubt, str]]") -> dict[str, Any]:
    from node.cli.event import as_json

    estimate, asked = found.estimate, found.asked
    effect, low, high = estimate.percent
    return {
        "event": as_json(asked.event),
        "measure": asked.measure,
        "cohort": asked.cohort,
        "by": str(asked.by),
        "study": found.series.study,
        "study_version": found.series.version,
        "study_digest": found.series.digest,
        "effect_percent": effect,
        "low_percent": low,
        "high_percent": high,
        "within_noise": estimate.within_noise,
        "log_effect": estimate.log,
        "log_standard_error": estimate.standard_error,
        "degrees_of_freedom": estimate.degrees_of_freedom,
        "season_taken_off": estimate.season,
        "trend_p": estimate.trend,
        "correlation": estimate.correlation,
        "own_share": found.own_share,
        "periods": [
            _period(side, name) for name, sides in (("before", found.before), ("after", found.after)) for side in sides
        ],
        "doubts": [{"doubt": str(doubt), "message": sentence} for doubt, sentence in said],
    }


def _period(side: "Side", when: str) -> dict[str, Any]:
    pair = side.pair
    return {
        "period": side.named.label,
        "when": when,
        "first": side.named.window.first.isoformat(),
        "last": side.named.window.last.isoformat(),
        "own": None if pair is None else pair.own,
        "others": None if pair is None else pair.cohort,
        "others_standard_error": None if pair is None else pair.error,
        "reason": None if side.reason is None else str(side.reason),
    }
