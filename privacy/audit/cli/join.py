"""kudos-audit join: an invitation for a certificate."""

import click

from privacy.audit.cli import output
from privacy.terminal.invitation import given


@click.command()
@click.argument("invitation", nargs=-1, required=True)
@click.option("--new-authority", is_flag=True, help="Joining again: the network's authority may be another one now.")
@output.common
def command(invitation: tuple[str, ...], new_authority: bool) -> None:
    """Join a network as its auditor, with the INVITATION that its coordinator sent: one line, beginning with "kudos1:".

    \b
    Example:  kudos-audit join kudos1:eyJhIjoi…

    With - it is read from standard input: what stands on a command line is seen by every user of this machine.

    Keys are made here and stay here. The coordinator's and the witness's public keys are kept too: a bundle that names
    others is a violation from then on. When the certificate has ended, join again in the same folder with a new
    invitation. One by another authority is refused, unless you have compared it with the network's operator and say
    --new-authority.
    """
    from datetime import UTC, datetime

    from privacy.audit.joined import Home
    from privacy.audit.online import join

    joined = join(
        Home(output.state.home), "".join(given(invitation).split()), datetime.now(UTC), new_authority=new_authority
    )
    known = joined.membership
    if output.state.as_json:
        output.emit(
            {
                "home": str(output.state.home),
                "network": known.trust_domain,
                "coordinator": known.address,
                "auditor": known.id,
                "certificate_ends": f"{joined.ends:%Y-%m-%dT%H:%M:%SZ}",
            }
        )
        return
    output.say(f"{known.name} audits {known.trust_domain} from {output.state.home} (only you can read it).")
    output.say(f"  certificate from the coordinator   ✓   valid to {joined.ends:%Y-%m-%d}, renewed at an export")
    output.say("Next: kudos-audit export --out npu")
