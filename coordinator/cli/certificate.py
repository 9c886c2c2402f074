"""kudos-coordinator certificate: for those who are no members, and what was issued to anybody."""

from datetime import UTC, datetime, timedelta

import click

from coordinator.cli import output
from coordinator.cli.member import show_invitation
from privacy.catalogue.institutions import slug

OTHERS = ("auditor", "viewer", "operator")


@click.group()
@output.home_option
def command() -> None:
    """Let auditors, viewers and operators in, and see every certificate."""


@command.command()
@click.option("--role", required=True, type=click.Choice(OTHERS), help="What the holder may do.")
@click.option("--name", required=True, help="The holder's name.")
@click.option("--id", "holder", help="A short id, such as kari (default: made from the name).")
@click.option("--days", type=click.IntRange(1, 90), default=14, show_default=True, help="How long it can be used.")
@output.common
def issue(role: str, name: str, holder: str | None, days: int) -> None:
    """Make an invitation of a role; its holder makes the keys, and gets the certificate for them.

    \b
    Example:  kudos-coordinator certificate issue --role auditor --name "Kari Revisor"

    Where the holder has a certificate already, the new one replaces it when the invitation is used. Members are
    invited with `kudos-coordinator member invite`.
    """
    from coordinator.authority.peer import Role
    from coordinator.members.others import invite_other

    name = name.strip()
    with output.office() as office:
        handed = invite_other(office, Role(role), holder or slug(name), name, datetime.now(UTC), timedelta(days=days))
    show_invitation(handed)


@command.command("list")
@output.common
def list_() -> None:
    """List every certificate that was issued, the newest first."""
    from coordinator.members.holders import listed

    with output.office() as office:
        issued = listed(office.store)
    now = datetime.now(UTC)
    if output.state.as_json:
        output.emit(
            [
                {
                    "role": each.role,
                    "id": each.id,
                    "name": each.name,
                    "state": each.state,
                    "fingerprint": each.fingerprint,
                    "issued": output.json_time(each.issued),
                    "not_after": output.json_time(each.not_after),
                    "expired": each.not_after < now,
                }
                for each in issued
            ]
        )
        return
    if not issued:
        output.say("No certificate yet: each is made when an invitation is used.")
        return
    output.table(
        ["role", "id", "state", "issued", "ends", "fingerprint"],
        [
            (
                each.role,
                each.id,
                "expired" if each.state == "current" and each.not_after < now else each.state,
                output.utc(each.issued),
                output.utc(each.not_after),
                each.fingerprint[:16] + "…",
            )
            for each in issued
        ],
    )


@command.command()
@click.argument("role", type=click.Choice(OTHERS))
@click.argument("holder")
@output.common
def revoke(role: str, holder: str) -> None:
    """End the certificates and invitations of HOLDER in ROLE at once. For members: kudos-coordinator member revoke."""
    from coordinator.authority.peer import Role
    from coordinator.members.others import revoke_other

    with output.office() as office:
        revoke_other(office.store, Role(role), holder, datetime.now(UTC))
    if output.state.as_json:
        output.emit({"role": role, "id": holder, "state": "revoked"})
        return
    output.say(f"The certificates of the {role} {holder} have ended.")
