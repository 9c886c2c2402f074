"""kudos-coordinator member: who takes part."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from coordinator.cli import output
from coordinator.errors import UsageError
from privacy.catalogue.institutions import COUNTIES, INDUSTRIES, SIZE_CLASSES, county_code, slug

if TYPE_CHECKING:
    from coordinator.members.invitations import Handed
    from coordinator.members.members import Member


@click.group()
@output.home_option
def command() -> None:
    """Invite members, see where they stand, and end what has to end."""


@command.command()
@click.option("--name", help="The institution's name, as other members see it.")
@click.option("--industry", type=click.Choice(INDUSTRIES), help="What kind of institution it is.")
@click.option("--county", help="The county that it is in, by name or code.")
@click.option(
    "--size", type=click.Choice(SIZE_CLASSES), help="Its size, where you compare by that; declared, not measured."
)
@click.option("--id", "member", help="A short id for ever, such as fjordteatret (default: made from the name).")
@click.option("--again", metavar="ID", help="A further invitation for a member that there is: new machine, lost keys.")
@click.option("--days", type=click.IntRange(1, 90), default=14, show_default=True, help="How long it can be used.")
@output.common
def invite(
    name: str | None,
    industry: str | None,
    county: str | None,
    size: str | None,
    member: str | None,
    again: str | None,
    days: int,
) -> None:
    """Make an invitation: one line for the institution to paste, once.

    \b
    Examples:  kudos-coordinator member invite --name Fjordteatret --industry performing-arts --county Vestland
               kudos-coordinator member invite --again fjordteatret

    Whoever has the line can join in the institution's place: send it as you would a password. It is shown once; the
    store keeps only a hash. A further invitation continues the institution's ledger, and replaces its keys when used.
    """
    from coordinator.members.members import Institution
    from coordinator.members.members import invite as make
    from coordinator.members.members import invite_again as make_again

    now, life = datetime.now(UTC), timedelta(days=days)
    with output.office() as office:
        if again is not None:
            if name or industry or county or size or member:
                raise UsageError("--again takes a member as it is. Leave the other options out.")
            show_invitation(make_again(office, again, now, life))
            return
        if not (name and industry and county):
            raise UsageError("Say --name, --industry and --county; or --again with the id of a member that there is.")
        name = name.strip()
        institution = Institution(member or slug(name), name, industry, county_code(county), size)
        show_invitation(make(office, institution, now, life))


@command.command("list")
@output.common
def list_() -> None:
    """List the members: who has joined, who has not yet, whose certificate ends."""
    from coordinator.members.members import listed

    with output.office() as office:
        members = listed(office.store, datetime.now(UTC))
    if output.state.as_json:
        output.emit([_json(each) for each in members])
        return
    if not members:
        output.say("No member yet.   kudos-coordinator member invite --name … --industry … --county …")
        return
    output.table(["id", "name", "industry", "county", "size", "state", ""], [_row(each) for each in members])


@command.command()
@click.argument("member")
@output.common
def suspend(member: str) -> None:
    """Refuse every call of MEMBER from its next one on, until you resume it. What it has sent stays."""
    from coordinator.members.members import suspend as step

    with output.office() as office:
        step(office.store, member, datetime.now(UTC))
    _done(member, "suspended", f"To let it in again: kudos-coordinator member resume {member}")


@command.command()
@click.argument("member")
@output.common
def resume(member: str) -> None:
    """Let a suspended MEMBER in again, with the keys that it has."""
    from coordinator.members.members import resume as step

    with output.office() as office:
        step(office.store, member, datetime.now(UTC))
    _done(member, "active", "")


@command.command()
@click.argument("member")
@output.common
def revoke(member: str) -> None:
    """End MEMBER's certificates and invitations at once. Its ledger and what it has sent stay.

    To bring it back, with new keys: kudos-coordinator member invite --again MEMBER
    """
    from coordinator.members.members import revoke as step

    with output.office() as office:
        step(office.store, member, datetime.now(UTC))
    _done(member, "revoked", f"To bring it back with new keys: kudos-coordinator member invite --again {member}")


@command.command()
@click.argument("member")
@output.common
def leave(member: str) -> None:
    """Note that MEMBER has left. Its certificates end; its ledger stays, and continues if it comes back."""
    from coordinator.members.members import leave as step

    with output.office() as office:
        step(office.store, member, datetime.now(UTC))
    _done(member, "left", f"If it comes back: kudos-coordinator member invite --again {member}")


def show_invitation(handed: "Handed") -> None:
    """Prints an invitation, the only time that it can be."""
    if output.state.as_json:
        output.emit(
            {
                "role": handed.role,
                "id": handed.id,
                "name": handed.name,
                "expires": output.json_time(handed.expires),
                "invitation": handed.text,
            }
        )
        return
    program = ", for kudos-node join," if handed.role == "member" else ""
    output.say(f"{handed.name} ({handed.id}) is invited as {handed.role}, until {output.utc(handed.expires)}.")
    output.say(f"One line{program} to be used once and sent like a password:")
    output.say()
    click.echo(handed.text)


def _done(member: str, state: str, next_step: str) -> None:
    if output.state.as_json:
        output.emit({"id": member, "state": state})
        return
    output.say(f"{member} is {state} now." if state != "left" else f"{member} has left.")
    if next_step:
        output.say(next_step)


def _row(member: "Member") -> tuple[str, ...]:
    note = ""
    if member.invitation_ends is not None:
        note = f"invitation to {output.utc(member.invitation_ends)}"
    elif member.certificate_ends is not None:
        note = f"certificate to {output.utc(member.certificate_ends)}"
    elif member.state == "invited":
        note = "its invitation is over"
    county = COUNTIES[member.county].name
    return member.id, member.name, member.industry, county, member.size_class or "–", member.state, note


def _json(member: "Member") -> dict[str, object]:
    return {
        "id": member.id,
        "name": member.name,
        "industry": member.industry,
        "county": member.county,
        "size_class": member.size_class,
        "state": member.state,
        "ledger": member.ledger,
        "signing_key": member.signing_key,
        "sealing_key": member.sealing_key,
        "invited": output.json_time(member.invited),
        "enrolled": output.json_time(member.enrolled),
        "certificate_ends": output.json_time(member.certificate_ends),
        "invitation_ends": output.json_time(member.invitation_ends),
    }
