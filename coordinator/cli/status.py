"""kudos-coordinator status: how the coordinator stands, without asking its server."""

from datetime import UTC, datetime

import click

from coordinator.cli import output


@click.command()
@output.common
def command() -> None:
    """Show how many members and rounds there are in which state, and when certificates end.

    It reads the store and the folder; whether the server answers is for its health service and its metrics to say.
    """
    from coordinator.standing import SOON, standing

    now = datetime.now(UTC)
    with output.office() as office:
        found, settings = standing(office, now), office.settings
    ends = {"server": found.server_certificate_ends, "authority": found.authority_ends}
    if output.state.as_json:
        moments = {"newest_event": found.newest_event, "next_deadline": found.next_deadline}
        told = {name: None if when is None else output.json_time(when) for name, when in moments.items()}
        certificates = {name: None if end is None else output.json_time(end) for name, end in ends.items()}
        output.emit(
            {
                "name": settings.name,
                "trust_domain": settings.trust_domain,
                "schema": found.schema,
                "members": found.members,
                "rounds": found.rounds,
                "certificates": certificates | {"members_ending_soon": found.certificates_ending},
            }
            | told
        )
        return
    output.say(f"{settings.name}, {settings.trust_domain}, tables of version {found.schema}.")
    for name, counts in (("members", found.members), ("rounds", found.rounds)):
        said = ", ".join(f"{state} {number}" for state, number in counts.items() if number)
        output.say(f"  {name:<13} {said or 'none'}")
    if found.next_deadline is not None:
        output.say(f"  next deadline {output.utc(found.next_deadline)}")
    for name, end in ends.items():
        if end is not None:
            output.say(f"  {name + ' key':<13} certificate ends on {end:%Y-%m-%d}{' !' if end - now < SOON else ''}")
    if found.certificates_ending:
        many = output.things(found.certificates_ending, "member has", "members have")
        output.say(f"  ! {many} a certificate that ends within {SOON.days} days: their agents do not run. Call them.")
