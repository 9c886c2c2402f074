"""kudos-coordinator serve: the server."""

import sys

import click

from coordinator.cli import output


@click.command()
@click.option(
    "--poll",
    "poll_s",
    type=click.IntRange(1, 24 * 3600),
    default=300,
    show_default=True,
    help="How many seconds members' nodes are told to wait before they ask again.",
)
@output.common
def command(poll_s: int) -> None:
    """Answer members: the enrolment port, the federation port, and what is due by the clock.

    It runs until Ctrl-C or SIGTERM, and then lets calls under way end. Rounds are closed by it when their deadline is
    over, and those of cross-use go on to counting when that of the sketches is. One line of JSON per event goes to
    standard error. The other commands may be used beside it.
    """
    import structlog

    from coordinator.service.server import Server

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    with output.office() as office:
        server = Server(office, poll_s)
        server.heed_signals()
        server.start()
        settings = office.settings
        if output.state.as_json:
            output.emit(vars(server.ports))
        output.say(f"{settings.name} serves {settings.trust_domain}. Stop with Ctrl-C.")
        output.say(f"  members work at {settings.federation.address} (listening on port {server.ports.federation})")
        output.say(f"  newcomers join at {settings.enrolment.address} (listening on port {server.ports.enrolment})")
        output.say(f"  health: {_shown(settings.operations.health, server.ports.health)}")
        output.say(f"  metrics: http://{_shown(settings.operations.metrics, server.ports.metrics)}/metrics")
        sys.stdout.flush()
        server.run()


def _shown(listen: str, port: int) -> str:
    return f"{listen.rpartition(':')[0]}:{port}"
