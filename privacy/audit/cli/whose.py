"""The member that somebody means who writes its name."""

from privacy.audit.paths import MEMBERS, ledgers_in
from privacy.audit.reading import Bundle
from privacy.audit.records import MemberLine, read_record


def member_of(bundle: Bundle, said: str | None) -> str | None:
    """The id of the member that is called so in a bundle, by id or by name; `said` itself where none or several are.

    Raises BadBundle where the list of members does not read.
    """
    if said is None or said in ledgers_in(bundle.paths) or not bundle.has(MEMBERS):
        return said
    members = [read_record(MemberLine, line.content, MEMBERS, line.number) for line in bundle.lines(MEMBERS)]
    found = [each.member for each in members if said.strip().casefold() in (each.name.casefold(), each.member)]
    return found[0] if len(found) == 1 else said
