"""kudos-node run: the agent."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.agent.turn import Turn as Done


@click.command()
@click.option("--once", is_flag=True, help="One turn, then end: for cron. Exit status 1 where something failed.")
@output.common
def command(once: bool) -> int:
    """Work for this node unattended: answer rounds that the policy allows, renew the certificate, fetch benchmarks.

    It only dials out, to the coordinator's one port, and asks when it is told to come back. Where the coordinator
    cannot be reached it tries again, ever more seldom up to ten minutes apart, for ever. Stop it with Ctrl-C or
    SIGTERM: what is under way is finished. With --json, one line of JSON for each turn and each trouble.
    """
    from node.agent.loop import Stop, run
    from node.agent.turn import Turn, turn
    from node.cli.allowing import with_leave
    from node.membership.settings import membership

    home = output.state.home
    network = membership(home)

    def tell(done: Turn) -> None:
        for line in done.did:
            output.say(f"  ✓ {line}")
        for line in with_leave(home, network, done.waiting):
            output.say(f"  … {line}")
        for fault in done.faults:
            output.complain(f"  ✗ {fault}")

    if once:
        done = turn(home, output.complain)
        if output.state.as_json:
            waiting = with_leave(home, network, done.waiting)
            faults = [{"reason": each.reason, "message": str(each), "round": each.round} for each in done.faults]
            output.emit({"did": done.did, "waiting": waiting, "faults": faults, "retry_after_s": done.retry_after_s})
        else:
            tell(done)
            if not (done.did or done.waiting or done.faults):
                output.say("Nothing to do now. What became of the rounds: kudos-node rounds")
            if not home.identity_key_file.exists() and not any("identity key" in line for line in done.waiting):
                output.say("  … the network's identity key is not here: kudos-node identity status says whom to call")
        return max((fault.error.exit_status for fault in done.faults), default=0)
    stop = Stop()
    stop.listen()
    if output.state.as_json:
        _line("working", member=network.id, network=network.trust_domain, address=network.address)
        run(home, stop, _logged, lambda said: _line("trouble", message=said))
        _line("stopped")
        return 0
    output.say(f"Working for {network.id} of {network.trust_domain}, at {network.address}. Stop with Ctrl-C.")
    run(home, stop, tell, output.complain)
    return 0


def _logged(done: "Done") -> None:
    """A turn in which nothing was done or wrong says nothing: there are hundreds a day."""
    faults = [{"reason": each.reason, "message": str(each), "round": each.round} for each in done.faults]
    if done.did or faults:
        _line("turn", did=list(done.did), faults=faults)


def _line(event: str, **told: object) -> None:
    """One line for a log that a machine reads: what happened and when, and nothing of a customer."""
    click.echo(json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), "event": event, **told}))
