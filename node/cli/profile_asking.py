"""What `profile new` shows and asks at a terminal."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.ingest.propose.columns import Column
    from node.ingest.propose.draft import Answers, Draft
    from node.ingest.propose.preview import Preview
    from node.ingest.propose.question import Question
    from node.ingest.readers.table import Table

_PLAIN = frozenset({"ticket_type", "ticket_category", "state", "channel", "currency", "segment", "quantity"})
"""Fields whose words say of nobody who they are. Of others amounts and dates are shown, and the shape of the rest."""

_OF_PEOPLE = frozenset({"email", "phone", "customer_key", "birth_year", "postcode", "country", "gender"})
"""Fields of which the shape alone is shown."""

_SHORT = {"order_id": "order", "ordered_at": "ordered", "ticket_type": "type", "ticket_category": "category",
          "quantity": "qty", "event_title": "title", "event_start": "start", "customer_type": "who"}  # fmt: skip
"""What columns are called where there is little room."""

_LONGEST = 22

_A_ROW = {"order_lines": "a sale", "orders": "an order", "customers": "a customer", "events": "an event"}


def samples(column: "Column") -> list[str]:
    """A few of a column's texts: letters and digits hidden where they may say who somebody is."""
    from node.ingest.masked import masked

    texts = [text[:24] for text, _ in column.look.counts.most_common(2)]
    if column.field in _PLAIN:
        return texts
    return [_shape(text) if column.field in _OF_PEOPLE else masked(text) for text in texts]


def _shape(text: str) -> str:
    """A text with x for every letter and 9 for every digit."""
    return "".join("x" if each.isalpha() else "9" if each.isdigit() else each for each in text)


def show(table: "Table", made: "Draft") -> None:
    """What the file is, and the proposal for every column."""
    count = len(made.matched.columns)
    output.say(f"{table.called}   {table.written}; {count} columns; a row is {_A_ROW[made.matched.resource]}\n")
    output.table(
        ["", "column", "looks like", "field", "why"],
        [
            (
                str(number),
                column.header,
                " / ".join(samples(column)),
                (column.field or "–") + ("" if column.sure else " ?"),
                column.reason,
            )
            for number, column in enumerate(made.matched.columns, start=1)
        ],
    )
    output.say()


def settled(made: "Draft", answers: "Answers", again: "Callable[[Answers], Draft]") -> "Draft":
    """Asks until nothing is left to ask; `again` makes the draft anew from the answers."""
    made, answers = _corrected(made, answers, again)
    asked: set[str] = set()
    while question := next((each for each in made.questions if each.about not in asked), None):
        asked.add(question.about)
        answer = _answer(question)
        if answer is not None:
            answers = _with(answers, question.about, answer)
            made = again(answers)
    return made


def _with(answers: "Answers", about: str, answer: str) -> "Answers":
    """The answers with one more; `about` is the question's."""
    kind, _, rest = about.partition(":")
    if kind == "column":
        return replace(answers, columns={**answers.columns, answer: rest})
    if kind == "state":
        return replace(answers, columns={**answers.columns, rest: answer})
    if kind == "value":
        field, _, word = rest.partition(":")
        return replace(answers, values={**answers.values, field: {**answers.values.get(field, {}), word: answer}})
    match kind:
        case "dates":
            return replace(answers, order=answer)
        case "resource":
            return replace(answers, resource=answer)
        case "decimal":
            return replace(answers, decimal=answer)
        case "amount":
            return replace(answers, amount=answer)
        case _:
            return replace(answers, fees=answer)


def _corrected(made: "Draft", answers: "Answers", again: "Callable[[Answers], Draft]") -> "tuple[Draft, Answers]":
    """Lets the user put columns right, one after the other."""
    from node.errors import UsageError

    while True:
        number = click.prompt(
            "Right so far? Enter, or the number of a column to change", default="", show_default=False
        )
        if not number.strip():
            return made, answers
        columns = made.matched.columns
        if not number.strip().isdigit() or not 1 <= int(number) <= len(columns):
            output.say(f"Write a number from 1 to {len(columns)}, or nothing.")
            continue
        header = columns[int(number) - 1].header
        field = click.prompt(f"What is {header!r}? A field, ? for all of them, - for none")
        if field == "?":
            _say_fields(made)
            field = click.prompt(f"What is {header!r}?")
        try:
            answers = replace(answers, columns={**answers.columns, header: field.strip()})
            made = again(answers)
        except UsageError as error:
            answers = replace(answers, columns={key: each for key, each in answers.columns.items() if key != header})
            output.say(str(error))
            continue
        output.say(f"{header} is {field}.")


def _say_fields(made: "Draft") -> None:
    from node.ingest import standard

    resource = {"orders": "order_lines"}.get(made.matched.resource, made.matched.resource)
    output.table(["field", "meaning"], [(each.name, each.description) for each in standard.RESOURCES[resource]])


def _answer(question: "Question") -> str | None:
    """The user's choice; None where a question is left open."""
    choices = list(question.choices)
    output.say()
    output.prose(question.text)
    for number, choice in enumerate(choices, start=1):
        output.say(f"  {number:>2}  {choice}" + (f"   {question.choices[choice]}" if question.choices[choice] else ""))
    likeliest = choices.index(question.likeliest) + 1 if question.likeliest in choices else None
    hint = "" if likeliest is not None else " (Enter leaves it open)"
    while True:
        said = click.prompt(
            f"Which{hint}", default="" if likeliest is None else str(likeliest), show_default=likeliest is not None
        )
        if not said.strip():
            return None
        if said.strip().isdigit() and 1 <= int(said) <= len(choices):
            return choices[int(said) - 1]
        output.say(f"Write a number from 1 to {len(choices)}.")


def show_rest(made: "Draft", preview: "Preview | None") -> None:
    """What is still open, remarks, and the rows as they would be imported."""
    for question in made.questions:
        output.say(f"? {question.text} {question.option}")
    for remark in made.remarks:
        output.say(f"! {remark}")
    if preview is None:
        output.say("No rows can be shown before every field that must be there has a column.")
        return
    show_preview(preview)


def _cut(cell: str) -> str:
    return cell if len(cell) <= _LONGEST else f"{cell[: _LONGEST - 1]}…"


def show_preview(preview: "Preview") -> None:
    """The first rows harmonised, and what of all rows tried could not be read."""
    output.say()
    heads = [_SHORT.get(name, name) for name in preview.columns]
    output.table(heads, [[_cut(cell) for cell in row] for row in preview.rows])
    parts = [f"{output.count(preview.taken)} taken"]
    parts += [f"{output.count(preview.reserved)} of them reservations, which never count"] if preview.reserved else []
    parts += [f"{output.count(preview.left_out)} left out"] if preview.left_out else []
    parts += [f"{output.count(len(preview.rejects))} not readable"] if preview.rejects else []
    output.say(f"{output.things(preview.tried, 'row')} tried: {', '.join(parts)}; nothing was imported.")
    for reason in reasons(preview, most=5):
        output.say(f"  {reason}")


def reasons(preview: "Preview", most: int) -> list[str]:
    """The commonest reasons of rows that cannot be read, each with its first row and how many there are."""
    said = []
    for first, count in preview.commonest()[:most]:
        where = f"line {first.line}" + (f', column "{first.column}"' if first.column else "")
        shown = f'"{first.value}" ' if first.value else ""
        said.append(f"{where}: {shown}{first.reason} ({output.things(count, 'row')})")
    return said


def say_how_to_go_on(file: Path, target: Path, name: str, wrote: str, *, is_own: bool) -> None:
    """What was written and where, and the commands that come next."""
    quoted = shlex.quote(str(file))
    output.say(f"\n{wrote}")
    if is_own:
        output.say(f"It is found by itself from now on:  kudos-node import {quoted}")
    else:
        output.say(f"Import with it:  kudos-node import {quoted} --system {shlex.quote(str(target))}")
    output.say("Then compare the totals with your own:  kudos-node kpi")
    corrected = name if is_own else shlex.quote(str(target))
    output.say(f"To correct it later:  kudos-node profile set {corrected} --help")
