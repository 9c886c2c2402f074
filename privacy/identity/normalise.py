"""One spelling for each e-mail address and phone number, so that one person has one match id everywhere.

The rules are part of the transaction standard and of the test vectors beside this file: a change of a
rule is a new version of the match id. What is no plain address or number gives None: a customer without
identity costs a match, a wrong identity joins two people.

Every function here is idempotent: what it returns, it returns unchanged.
"""

import re
import unicodedata
from functools import lru_cache

import idna

MAX_EMAIL_OCTETS = 254
"""RFC 3696, erratum 1690: the longest path of SMTP without its angle brackets."""

_GMAIL = frozenset({"gmail.com", "googlemail.com"})

_PLAIN_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@"
    r"(?:(?![a-z0-9-]{64})[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    r"[a-z]{2,63}"
)
"""Lower-case ASCII addresses whose domain punycode leaves as it is. A doubled hyphen is left to `idna`."""

_LOCAL_PART = re.compile(r'[^\s@"(),:;<>\[\\\]]+')
"""RFC 5321 allows these characters only in quotes; quoted local parts do not occur among customers."""

_MAX_CHARACTERS = 1024
"""Longer texts are no address in any spelling; composing them could take quadratic time."""

_WHITE_SPACE = (*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x3000)
_SEPARATORS_AND_DIRECTIONS = (*range(0x2028, 0x2030), *range(0x205F, 0x206A))
_INVISIBLE = (0xAD, *range(0x200B, 0x2010), 0xFEFF)

_EDGE = "".join(map(chr, (*_WHITE_SPACE, *_SEPARATORS_AND_DIRECTIONS, *_INVISIBLE)))
"""What is trimmed: all white space of Unicode, and the format characters that copying from a web page, a
phone book or a spreadsheet leaves around a text."""

_NORWEGIAN_PHONE = re.compile(
    r"(?:(?:\+|00)?47)?"
    r"((?:2[1-4]|3[1-3578]|4[01678]|5[1-35-7]|6[1-46-9]|7[0-9]|9[0-9])[0-9]{6}|45[0-24-9][0-9]{5})"
)
"""The series of the Norwegian numbering plan that are in use throughout; all others are left to
`phonenumbers`."""

_PHONE_CHARACTERS = re.compile(r"[(]?\s*[+]?[\d\s()./\u2010-\u2015-]+")

_NORWEGIAN_E164_LENGTH = len("+47") + 8


def normalise_email(text: str) -> str | None:
    """The address in the one spelling that match ids are made of, or None for what is no address.

    Unicode NFC; white space and invisible characters at the edges trimmed; lower case; the domain in
    punycode by UTS 46, non-transitional (`idna`); googlemail.com is gmail.com; in gmail.com, and there
    only, dots and a +suffix of the local part are removed, for Google delivers all of these to one
    mailbox.

    None for: no or several @, an empty local part, characters that need quotes, white space or control
    or invisible characters within, a domain that IDNA refuses or that has no dot, more than 254 octets.
    """
    lowered = text.strip().lower()
    if len(lowered) <= MAX_EMAIL_OCTETS and _PLAIN_EMAIL.fullmatch(lowered):
        # Every domain whose name ends so, and no other, takes the branch; the rest is done.
        if lowered.endswith(("gmail.com", "googlemail.com")):
            return _folded(*lowered.split("@"))
        return lowered
    return _normalise_any_email(text)


def _normalise_any_email(text: str) -> str | None:
    """`normalise_email` without its short cut, by the same rules."""
    trimmed = text.strip(_EDGE)
    if len(trimmed) > _MAX_CHARACTERS:
        return None
    # Again after lowering: that can bring a letter and its accent together that NFC kept apart.
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFC", trimmed).lower())
    if not lowered.isprintable() or lowered.count("@") != 1:
        return None
    local, domain = lowered.split("@")
    host = _punycode(domain)
    if host is None or not _LOCAL_PART.fullmatch(local):
        return None
    if len(f"{local}@{host}".encode()) > MAX_EMAIL_OCTETS:
        return None
    return _folded(local, host)


def _folded(local: str, host: str) -> str | None:
    if host not in _GMAIL:
        return f"{local}@{host}"
    mailbox = local.partition("+")[0].replace(".", "")
    return f"{mailbox}@gmail.com" if mailbox else None


def normalise_domain(text: str) -> str | None:
    """The domain in lower-case punycode (UTS 46, non-transitional), or None for what is no mail domain."""
    return _punycode(text.strip(_EDGE))


@lru_cache(maxsize=16_384)
def _punycode(domain: str) -> str | None:
    try:
        host = idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        return None
    # A name that ends in a dot is a name of the DNS, but not a domain of a mail address (RFC 5321).
    return host if "." in host and not host.endswith(".") else None


def normalise_phone(text: str) -> str | None:
    """The number in E.164 (`+4740612345`), or None for what is no valid number.

    Eight digits are Norwegian; any other number needs + or 00 and its country code. A leading apostrophe
    is dropped (pretix writes it so that spreadsheets keep the +). Validity is that of the numbering
    plan, by `phonenumbers`.

    None also for texts with letters, several numbers or an extension, and for Norway's five-digit
    numbers: those are switchboards, behind which many people sit.
    """
    compact = text.strip().removeprefix("'").replace(" ", "")
    if plain := _NORWEGIAN_PHONE.fullmatch(compact):
        return f"+47{plain[1]}"
    return _normalise_any_phone(text)


def _normalise_any_phone(text: str) -> str | None:
    """`normalise_phone` without its short cut, by the same rules."""
    trimmed = text.strip(_EDGE).removeprefix("'").strip(_EDGE)
    if not _PHONE_CHARACTERS.fullmatch(trimmed):
        return None
    # Imported here: most imports never need it, and its tables take a while.
    import phonenumbers

    try:
        number = phonenumbers.parse(trimmed, "NO")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if e164.startswith("+47") and len(e164) != _NORWEGIAN_E164_LENGTH:
        return None
    return e164
