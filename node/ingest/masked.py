"""What of a cell may be shown and kept: the shape of one that could not be read, and no label that says who it is."""

import re
import unicodedata

_LONGEST = 40
_AMOUNT = re.compile(
    r"(?:kr|nok)?\.? ?[-+−–]?(?:[0-9]{1,6}|[0-9]{1,3}(?:[., '][0-9]{3}){1,2})(?:[.,][0-9]{0,4})?(?:,-| ?kr\.?)?"
)
_YEAR = r"(?:0000|1[89][0-9]{2}|2[0-9]{3})"
_DAY = rf"(?:{_YEAR}[-./][0-9]{{1,2}}[-./][0-9]{{1,2}}|[0-9]{{1,2}}[-./][0-9]{{1,2}}[-./]{_YEAR})"
_TIME = re.compile(rf"{_DAY}(?:[T ][0-9]{{1,2}}[:.][0-9]{{2}}(?:[:.][0-9]{{2}})?)?")
_MOST_DIGITS = 6
"""Of an amount that is shown; telephone numbers are longer."""


def masked(text: str) -> str:
    """An amount or a date as it is; of anything else letters become x and digits 9."""
    if _TIME.fullmatch(text):
        return text
    if _AMOUNT.fullmatch(text.casefold()) and sum(map(str.isdigit, text)) <= _MOST_DIGITS:
        return text
    hidden = "".join("x" if letter.isalpha() else "9" if letter.isnumeric() else letter for letter in text[:_LONGEST])
    return re.sub(r"[^\x20-\x7e€–−]", "·", hidden) + ("…" if len(text) > _LONGEST else "")


ADDRESS = "looks like an e-mail address: check which column the profile takes here"
TELEPHONE = "looks like a telephone number: check which column the profile takes here"
IDENTITY_NUMBER = "looks like a national identity number: check which column the profile takes here"

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}$")
"""What says of what kind a file is."""


def masked_name(name: str) -> str:
    """A file's name as it may be kept: where it may say who somebody is, 9 for its digits, and x for its letters too.

    Letters stay where a number alone was found. What the name ends with (`.csv`) stays in any case.
    """
    found = identity_in(name) or identity_in(_SUFFIX.sub("", name)) or identity_in(name.replace("_", " "))
    if found is None:
        return name
    suffix = _SUFFIX.search(name)
    stem = name if suffix is None else name[: suffix.start()]
    hidden = "".join(
        "9" if letter.isnumeric() else "x" if letter.isalpha() and found == ADDRESS else letter for letter in stem
    )
    return hidden + name[len(stem) :]


_SEPARATOR = r"[ ./()\[\]_·•*|'’~\-]"
_BETWEEN = rf"{_SEPARATOR}{{0,4}}"
"""What people write between the digits of a number; colons and commas stand in times and amounts instead."""

_AT = r"(?:[(\[{<] ?(?:at|alfa|krøllalfa|@) ?[)\]}>]|krøllalfa)"
_ADDRESSES = re.compile(
    r"[^\s@]@[^\s@]"  # with or without a dot: ola@localhost
    r"|[^\s@]\s*@\s*[^\s@]+\.[^\s@]{2,}"
    rf"|[\w.+-] ?{_AT} ?[\w-]"
    r"|[\w.+-] at (?:[\w-]+(?: ?\. ?| ?[(\[{]? ?(?:dot|punktum) ?[)\]}]? ?))+[a-z]{2,6}(?![\w-])"
    r"|[\w.+-](?: at localhost(?!\w)|[(\[{<]a[)\]}>][\w-])",
    re.IGNORECASE,
)

_OFFICIAL = re.compile(
    rf"(?<![0-9])([0-9]{_BETWEEN}[0-9]){_BETWEEN}([0-9]{_BETWEEN}[0-9]){_BETWEEN}[0-9]{{2}}"
    rf"{_BETWEEN}[0-9]{{3}}{_BETWEEN}[0-9]{{2}}(?![0-9])"
)
"""Eleven digits: day, month and year of birth, three digits and two of check."""

_YEARS = r"(?:19|20)[0-9]{2}"
_CLOCK = r"(?:[01]?[0-9]|2[0-3])[.:][0-5][0-9](?:[.:][0-5][0-9])?"
_TO = r" ?[-–/] ?"
_MONTH_DAY = r"(?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12][0-9]|3[01])"
_DAY_MONTH = r"(?:0?[1-9]|[12][0-9]|3[01])[-./](?:0?[1-9]|1[0-2])"
_MOMENT = rf"(?:{_YEARS}[-./]{_MONTH_DAY}|{_DAY_MONTH}[-./]{_YEARS})(?:(?:T| |, ?| kl\.? ?){_CLOCK})?"
_NONE_BEFORE = r"(?<![0-9+])" + "".join(rf"(?<![0-9]{_SEPARATOR * times})" for times in range(1, 5))
_HARMLESS = re.compile(
    rf"{_NONE_BEFORE}(?:"
    rf"{_MOMENT}(?:{_TO}(?:{_MOMENT}|{_CLOCK}))?(?![0-9]|[./-][0-9])"  # 12.10.2025 19:00-21:00
    rf"|(?:{_DAY_MONTH}[-./][0-9]{{2}}(?: (?:kl\.? ?)?{_CLOCK})?"  # 12.10.25 19.00
    rf"|{_CLOCK}{_TO}{_CLOCK}"  # 19.00-21.30
    rf"|{_YEARS}{_TO}{_YEARS}"  # 2024-2025
    r"|[0-9]{3,4}[.,][0-9]{2}(?: ?[/|;–-] ?[0-9]{3,4}[.,][0-9]{2})+"  # 450.00 / 350.00
    rf")(?!{_BETWEEN}[0-9]))"
)
"""Moments and prices: what else has eight digits and more in a label. Only where no other digits stand beside them."""

_GROUPS = re.compile(rf"\+?[0-9]+(?:{_BETWEEN}[0-9]+)+|\+?[0-9]{{8,}}")
_NORWEGIAN = re.compile(r"(?:(?:\+|00)?47)?(?:2[1-9]|[3-9][0-9])[0-9]{6}")
"""Eight digits; no Norwegian number begins with 0, 1 or 20 (Nkom's numbering plan, E.164)."""

_FOREIGN = re.compile(r"(?:\+|00)[1-9][0-9]{6,13}")
_GROUPED = re.compile(r"[0-9]{2,3}(?:[ .][0-9]{2,3}){2,4}|(?:00)?(?:47)?[2-9][0-9]{7}")
"""What is a number where nothing else stands in the label."""


def identity_in(label: str) -> str | None:
    """Why a label may say who somebody is: an address, a telephone number or an identity number; None where it may not.

    However it is spelled: full-width letters, any kind of space, dash and digit. A date, a time, a year, a price is no
    number of anybody's.
    """
    text = _plain(label)
    if _ADDRESSES.search(text):
        return ADDRESS
    if sum(map(str.isdigit, text)) < _MOST_DIGITS:
        return None
    text = _HARMLESS.sub("#", text)
    if any(_is_birthday(int(day), int(month)) for day, month in _birthdays(text)):
        return IDENTITY_NUMBER
    if _GROUPED.fullmatch(text) or any(_is_telephone(found.group()) for found in _GROUPS.finditer(text)):
        return TELEPHONE
    return None


def _plain(text: str) -> str:
    """A text with one kind of space, dash, digit and at sign, and without what cannot be seen."""
    letters = []
    for letter in unicodedata.normalize("NFKC", text):
        match unicodedata.category(letter):
            case "Zs" | "Zl" | "Zp" | "Cc":
                letters.append(" ")
            case "Pd":
                letters.append("-")
            case "Nd":
                letters.append(str(unicodedata.decimal(letter)))
            case "Cf" | "Mn" | "Me":
                continue
            case _:
                letters.append("-" if letter in "−⁃" else "/" if letter in "⁄∕" else letter)
    return re.sub(" +", " ", "".join(letters))


def _birthdays(text: str) -> list[tuple[str, str]]:
    return [(_digits(found[1]), _digits(found[2])) for found in _OFFICIAL.finditer(text)]


def _is_birthday(day: int, month: int) -> bool:
    """Whether an identity number may begin so: D-numbers add 40 to the day, others 40, 65 or 80 to the month.

    The last three are help numbers and the synthetic people of the tax office and of NAV.
    """
    return (1 <= day <= 31 or 41 <= day <= 71) and any(1 <= month - more <= 12 for more in (0, 40, 65, 80))


def _is_telephone(run: str) -> bool:
    """Whether some groups of digits that stand beside each other make a number."""
    groups = re.findall(r"\+?[0-9]+", run)
    starts = range(len(groups))
    return any(
        _is_number(groups[start:end]) for start in starts for end in range(start + 1, min(start + 9, len(groups) + 1))
    )


def _is_number(groups: list[str]) -> bool:
    number = "".join(groups)
    if _NORWEGIAN.fullmatch(number):
        return True
    abroad = groups[0].startswith("+") or (groups[0].startswith("00") and len(groups[0]) > len("00"))
    return abroad and _FOREIGN.fullmatch(number) is not None


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)
