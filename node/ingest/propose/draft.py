"""A draft of a profile: what was found out about a file, what its user has said, and what is still to be asked.

The draft is made anew after every answer; nothing in it is changed.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.ingest import standard, values, words
from node.ingest.profile import Template
from node.ingest.propose import evidence, headers, states
from node.ingest.propose.columns import NOBODY, Matched, mapping, resource_of
from node.ingest.propose.look import Dates, Look
from node.ingest.propose.question import Question
from node.ingest.readers.table import Table

_DATED = ("ordered_at", "changed_at", "event_start")
_MONEY = ("amount", "unit_price")
_ENOUGH = 20
"""Rows from which on it is no chance that no order comes twice."""


@dataclass(frozen=True)
class Answers:
    """What the user has said: fields of columns, and the settings of a layout; None where nothing was said.

    `columns` has the field of a header, or `-`; `values` the meanings of words by field. `fees` is a column, or `-`;
    `order` says whether `day` or `month` comes first in dates, and `dates` has patterns that are not found out.
    """

    resource: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    decimal: str | None = None
    order: str | None = None
    dates: tuple[str, ...] = ()
    amount: str | None = None
    fees: str | None = None


@dataclass(frozen=True)
class Draft:
    """A layout as it stands in a profile's file, with the reason of each of its columns; questions; and remarks."""

    matched: Matched
    layout: Mapping[str, Any]
    reasons: Mapping[str, str]
    questions: Sequence[Question]
    remarks: Sequence[str]

    @property
    def missing(self) -> list[Question]:
        """Questions that must be answered before the profile is right."""
        return [question for question in self.questions if question.needed]


class Refused(ValueError):
    """An answer that cannot be taken; the message says why, and what could."""


def draft(table: Table, looks: Sequence[Look], answers: Answers, template: Template | None) -> Draft:
    """Proposes a layout for a file, as far as it tells and the user has told.

    Raises Refused where an answer names a column or a field that there is not.
    """
    hints = dict(template.hints) if template else {}
    resource = answers.resource or _of_lists_alone(template) or resource_of(looks, hints)
    matched = mapping(looks, resource, hints)
    for header, name in answers.columns.items():
        try:
            matched = matched.set(_called(looks, header), None if name == NOBODY else name)
        except ValueError as error:
            raise Refused(f"{error}.") from None
    made = _Making(table, looks, matched, answers)
    if resource in ("order_lines", "orders"):
        made.sales()
    else:
        made.dates()
    made.warn_of_misfits()
    made.ask_for_columns()
    return made.draft()


def _of_lists_alone(template: Template | None) -> str | None:
    """What a row is in every export of a system that sells nothing, whatever else stands there; None of another."""
    return template.resource if template is not None and template.resource != standard.ORDER_LINES else None


def _called(looks: Sequence[Look], header: str) -> str:
    """A header as the file has it, whatever the case of letters in which the user wrote it."""
    plain = {look.header.casefold(): look.header for look in looks}
    if header.casefold() not in plain:
        raise ValueError(f"the file has no column {header!r}; it has: {', '.join(look.header for look in looks)}")
    return plain[header.casefold()]


class _Making:
    """A draft while it is made: what is settled goes into the layout, what is not becomes a question."""

    def __init__(self, table: Table, looks: Sequence[Look], matched: Matched, answers: Answers) -> None:
        self._table, self._looks, self._matched, self._answers = table, looks, matched, answers
        self._settings: dict[str, Any] = {}
        self._columns: dict[str, Any] = {
            column.field: column.header for column in matched.columns if column.field is not None
        }
        self._reasons = {column.field: column.reason for column in matched.columns if column.field is not None}
        self._values: dict[str, dict[str, str]] = {name: dict(found) for name, found in answers.values.items()}
        self._skip: list[dict[str, Any]] = []
        self._questions: list[Question] = []
        self._remarks: list[str] = []
        self._told = {_called(looks, header) for header in answers.columns}

    def sales(self) -> None:
        """Everything that a file of sales needs beside its columns."""
        self.dates()
        self._whole_orders()
        self._money()
        self._fees()
        self._per_ticket()
        self._states()
        self._event()
        self._totals()
        self._who()

    def draft(self) -> Draft:
        """What has come out."""
        usual = headers.fields_of(self._matched.resource)
        order = [name for name in usual if name in self._columns]
        order += [name for name in self._columns if name not in usual]
        layout: dict[str, Any] = {
            "name": {"order_lines": "sales", "orders": "orders"}.get(self._matched.resource, self._matched.resource),
            "resource": self._matched.resource,
            "recognise": self._recognised(),
        }
        if self._table.dialect is not None:
            layout["delimiter"] = self._table.dialect.delimiter
        if self._table.within is not None:
            layout["rows"] = self._table.within
        layout |= self._settings
        layout["columns"] = {name: self._columns[name] for name in order}
        layout["values"] = {name: found for name, found in self._values.items() if found}
        layout["skip"] = self._skip
        return Draft(self._matched, layout, self._reasons, self._questions, self._remarks)

    def ask_for_columns(self) -> None:
        """Asks for what no column was found for, and between columns of which nothing decides."""
        free = {column.header: "" for column in self._matched.columns if column.field is None}
        for group in self._matched.lacking:
            name = group[0]
            choices = {header: why for header, why in free.items() if headers.never(header) is None}
            self._ask(
                f"column:{name}",
                f"Which column is {name}? {_meaning(name)}",
                choices or free,
                f"--set COLUMN={name}",
            )
        for name, found in self._matched.rivals.items():
            choices = dict.fromkeys(found, "")
            text = f"{_listed(found)} may be {name}: which is it? {found[0]!r} is taken. {_meaning(name)}"
            option = f"--set {shlex.quote(f'{found[1]}={name}')}"
            self._ask(f"column:{name}", text, choices, option, needed=False, likeliest=found[0])

    def dates(self) -> None:
        """How dates are written; a time of the day in a column of its own is joined to its date."""
        found = [(name, look, look.dates) for name in _DATED if (look := self._look(name)) and look.dates]
        order = self._answers.order or _settled(dates for _, _, dates in found)
        if order is None and any(dates.other for _, _, dates in found):
            self._ask(
                "dates",
                "No day above 12 stands in the rows that were looked at: is it day before month, or month before day?",
                {"day": "day, then month", "month": "month, then day"},
                "--day-first or --month-first",
                likeliest="day",
            )
        patterns = list(self._answers.dates)
        for name, look, dates in found:
            clock = None if dates.timed else self._clock_beside(look)
            joined = "" if clock is None else evidence.clock_pattern(clock)
            if clock is not None:
                self._columns[name] = {"join": [look.header, clock.header]}
                self._reasons[name] += f"; with the time of the day from {clock.header}"
                self._matched = self._matched.explained(clock.header, f"the time of the day of {look.header}")
            chosen = dates.other if dates.other and order == "month" else dates.patterns
            if joined not in evidence.ISO_CLOCKS and not chosen:
                chosen = ("%Y-%m-%d",)
            patterns += [f"{each}{joined}" for each in chosen]
        if patterns:
            self._settings["dates"] = list(dict.fromkeys(patterns))

    def _whole_orders(self) -> None:
        """Whether a row may be a whole order: no order comes twice, and nothing tells one ticket from another."""
        order = self._look("order_id")
        of_lines = any(self._matched.of(name) for name in ("line_id", "ticket_type", "ticket_id", "unit_price"))
        if self._answers.resource is not None or order is None or of_lines or len(order.filled) < _ENOUGH:
            return
        if len(order.counts) == len(order.filled):
            self._ask(
                "resource",
                "No order comes twice, and nothing names a ticket: is a row a whole order, or one line of it?",
                {"orders": "a whole order: it stands in until a file of tickets is imported", "order_lines": "a line"},
                "--resource orders or --resource order_lines",
                needed=False,
                likeliest="orders",
            )

    def _money(self) -> None:
        texts = [text for name in _MONEY if (look := self._look(name)) for text in look.some]
        looks = [look for name in _MONEY if (look := self._look(name))]
        suffix = next((look.suffix for look in looks if look.suffix), "")
        if suffix:
            self._settings["amount_suffix"] = suffix
        decimal = self._answers.decimal or evidence.decimal([text.removesuffix(suffix) for text in texts])
        if decimal in (",", "."):
            self._settings["decimal"] = decimal
        elif decimal == "?":
            self._ask(
                "decimal",
                f"{evidence.doubtful(texts)} may be thousands or decimals. Which sign begins the decimals here?",
                {",": "1.250 is one thousand two hundred and fifty", ".": "1,250 is"},
                "--decimal , or --decimal .",
                needed=False,
                likeliest="," if self._table.dialect is not None and self._table.dialect.delimiter == ";" else None,
            )
        if any(re.search(r"\b(øre|ore|öre)\b", headers.words_of(look.header)) for look in looks):
            self._settings["money"] = "ore"
            self._remarks.append("The header says øre: amounts are taken as whole øre.")

    def _per_ticket(self) -> None:
        """Whether the amount is the line's or one ticket's, where rows have several tickets."""
        amount, quantity = self._look("amount"), self._look("quantity")
        if amount is None or quantity is None or not evidence.several(quantity):
            return
        if self._answers.amount is not None:
            self._settings["amount"] = self._answers.amount
            return
        same = [look for name in ("ticket_type", "price_zone", "event_title", "event_id") if (look := self._look(name))]
        unit = self._look("unit_price")
        fees = next((look for look in self._looks if look.header == self._settings.get("fees")), None)
        found = evidence.per_ticket(amount, quantity, unit, same, fees, self._parser())
        if found is None:
            self._ask(
                "amount",
                f"Is {amount.header!r} for the whole row, or for one ticket of it?",
                {"line": "the whole row", "unit": "one ticket, to be taken times the quantity"},
                "--amount line or --amount unit",
                needed=False,
                likeliest="line",
            )
        elif found == "unit":
            self._settings["amount"] = "unit"
            self._reasons["amount"] += "; rows with several tickets have the price of one"

    def _parser(self) -> values.Parser:
        return values.amount(self._settings.get("decimal", "auto"), self._settings.get("amount_suffix", ""))

    def _fees(self) -> None:
        look = next(
            (look for look in self._looks if headers.is_fee(look.header) and set(look.some) - evidence.ZEROS), None
        )
        said = self._answers.fees
        if said is not None:
            if said != NOBODY:
                self._settings["fees"] = _called(self._looks, said)
            return
        amount = self._look("amount")
        if look is None or amount is None or self._column_of(look) is not None:
            return
        found = evidence.contains(amount, look, self._look("unit_price"), self._look("quantity"), self._parser())
        if found:
            self._settings["fees"] = look.header
        elif found is None:
            self._ask(
                "fees",
                f"Does {amount.header!r} contain {look.header!r}? The standard leaves fees out.",
                {look.header: "yes: take it off", NOBODY: "no: leave it"},
                f"--fees {look.header!r} or --fees -",
                needed=False,
                likeliest=NOBODY,
            )

    def _states(self) -> None:
        look = self._look("state")
        if look is not None:
            self._questions += states.about_words(look, self._values.get("state", {}))
        else:
            free = [column.look for column in self._matched.columns if column.field is None]
            found = states.about_columns(free, self._told)
            self._questions += found
            if not found:
                self._remarks.append("No column tells a sale from a reservation: every row counts as sold.")
        self._unknown("channel", words.CHANNELS, "other")

    def _unknown(self, name: str, vocabulary: Mapping[str, str], otherwise: str) -> None:
        look = self._look(name)
        if look is None:
            return
        known = {word.casefold() for word in self._values.get(name, {})} | set(words.lookup(dict(vocabulary)))
        unknown = [text for text in look.some if text.casefold().rstrip(".") not in known]
        if unknown:
            shown = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
            self._remarks.append(
                f"{look.header}: {shown} count as {otherwise}, unless --value {name}.WORD=MEANING says more."
            )

    def _event(self) -> None:
        """Where nothing numbers events, a title and a start name one."""
        title, start = self._columns.get("event_title"), self._columns.get("event_start")
        if "event_id" in self._columns or title is None:
            return
        parts = [title, *(start["join"] if isinstance(start, dict) else [start] if start else [])]
        self._columns["event_id"] = {"join": parts} if len(parts) > 1 else title
        self._reasons["event_id"] = "no column numbers events; the title and the start name one"

    def _totals(self) -> None:
        for look in self._looks:
            found = [text for text in look.counts if re.fullmatch(words.TOTALS, text.casefold())]
            if found and look.place <= 1:
                self._skip.append({"column": look.header, "values": found})
                self._remarks.append(f"Rows of totals are left out: {look.header} = {', '.join(found)}.")

    def _who(self) -> None:
        if not any(self._matched.of(name) for name in ("email", "phone", "customer_key")):
            self._remarks.append("No column says who bought: no customer will be recognised.")

    def warn_of_misfits(self) -> None:
        """Warns of columns that are called as a field is, and are not read, for what stands in them does not fit."""
        for column in self._matched.columns:
            name = column.misfit
            if name is None or self._matched.of(name):
                continue
            without = " Without it every row counts as one ticket." if name == "quantity" else ""
            option = f"--set {shlex.quote(f'{column.header}={name}')}"
            self._remarks.append(
                f"{column.header!r} is called as {name} is, but too few of its cells fit: it is not read.{without} "
                f"If it is {name} all the same: {option}"
            )

    def _look(self, name: str) -> Look | None:
        column = self._matched.of(name)
        return None if column is None else column.look

    def _column_of(self, look: Look) -> str | None:
        return next((column.field for column in self._matched.columns if column.look is look), None)

    def _clock_beside(self, date: Look) -> Look | None:
        found = [
            look
            for look in self._looks
            if look.clocks >= evidence.MOST and headers.is_clock(look.header) and self._column_of(look) is None
        ]
        return min(found, key=lambda look: abs(look.place - date.place - 1), default=None)

    def _recognised(self) -> list[str]:
        """The headers that tell the file apart: those that it cannot do without, and a few more."""
        order = ["order_id", "ordered_at", "amount", "unit_price", "ticket_type", "quantity", "event_title", "email",
                 "customer_key", "segment", "phone", "event_id", "event_start"]  # fmt: skip
        found = [name for field in order if field in self._columns for name in _names(self._columns[field])]
        return list(dict.fromkeys(found))[:6]

    def _ask(
        self,
        about: str,
        text: str,
        choices: Mapping[str, str],
        option: str,
        *,
        needed: bool = True,
        likeliest: str | None = None,
    ) -> None:
        self._questions.append(Question(about, text, choices, option, needed, likeliest))


def _listed(names: Sequence[str]) -> str:
    """Names in words: 'A', 'B' and 'C'."""
    quoted = [repr(name) for name in names]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _names(column: Any) -> Iterable[str]:
    return [column] if isinstance(column, str) else column["join"]


def _meaning(name: str) -> str:
    return standard.meaning(name)


def _settled(found: Iterable[Dates]) -> str | None:
    """Whether day or month comes first, where one column of a file shows it; None where none does."""
    sure = [pattern for dates in found if not dates.other for pattern in dates.patterns]
    if any(pattern.startswith("%m") for pattern in sure):
        return "month"
    return "day" if any(pattern.startswith(("%d/", "%d-")) for pattern in sure) else None
