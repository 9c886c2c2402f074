"""kudos-coordinator init: makes the coordinator's folder, its authority, its keys and its store."""

from datetime import UTC, datetime

import click

from coordinator.cli import output
from coordinator.errors import UsageError
from coordinator.home import Settings


@click.command()
@click.option("--trust-domain", required=True, help="The network's name for ever, like a domain: npu.example")
@click.option("--name", required=True, help="The coordinator's name, for people.")
@click.option("--federation", required=True, metavar="HOST:PORT", help="Where members' nodes reach the port for work.")
@click.option("--enrolment", required=True, metavar="HOST:PORT", help="Where newcomers reach the port for joining.")
@click.option("--listen-federation", metavar="HOST:PORT", help="What the server listens on (default: all interfaces).")
@click.option("--listen-enrolment", metavar="HOST:PORT", help="The same for the port for joining.")
@click.option("--host", "hosts", multiple=True, help="A further name or address that the server's certificate shows.")
@click.option("--store", default="", help="A database's SQLAlchemy URL (default: a SQLite file in the folder).")
@output.common
def command(
    trust_domain: str,
    name: str,
    federation: str,
    enrolment: str,
    listen_federation: str | None,
    listen_enrolment: str | None,
    hosts: tuple[str, ...],
    store: str,
) -> None:
    """Make a coordinator in its folder: authority, keys, store.

    \b
    Example:  kudos-coordinator init --trust-domain npu.example --name NPU \\
                  --federation kudos.npu.example:8443 --enrolment kudos.npu.example:8444

    Everything stays in the folder, readable by you alone. A folder that already holds a coordinator is left as it is.
    """
    from coordinator.cli.secrets import check_no_password
    from coordinator.office import found

    check_no_password(store)

    content: dict[str, object] = {
        "trust_domain": trust_domain,
        "name": name.strip(),
        "hosts": list(hosts),
        "store": store,
        "federation": {"address": federation, "listen": listen_federation or _everywhere(federation)},
        "enrolment": {"address": enrolment, "listen": listen_enrolment or _everywhere(enrolment)},
    }
    settings = _checked(content)
    home = output.state.home
    found(home, _written(content), settings, datetime.now(UTC))
    if output.state.as_json:
        output.emit({"home": str(home.path), "trust_domain": settings.trust_domain, "name": settings.name})
        return
    output.say(
        f"{settings.name} now has a coordinator for {settings.trust_domain} in {home.path} (only you can read it)."
    )
    output.say("  authority, keys and store made   ✓   back up this folder: without it every member must join anew")
    output.say(f"  members dial                         {federation}, and once {enrolment}: open both ports")
    output.say("Next: invite a member.   kudos-coordinator member invite --name … --industry … --county …")


def _everywhere(address: str) -> str:
    return f"0.0.0.0:{address.rpartition(':')[2]}"


def _checked(content: dict[str, object]) -> Settings:
    from pydantic import ValidationError

    from privacy.problems import first

    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        problem = first(error)
        option = _OPTIONS.get(problem["loc"][:2]) or _OPTIONS.get(problem["loc"][:1])
        said = _ALLOWED.get(str(option)) or problem["msg"].removeprefix("Value error, ")
        raise UsageError(
            f"{option}: {said}."
            if option
            else f"{said}. Write another --federation or --enrolment; where the server listens on other ports, say on "
            "which: --listen-federation, --listen-enrolment."
        ) from error


_OPTIONS: dict[tuple[int | str, ...], str] = {
    ("trust_domain",): "--trust-domain",
    ("name",): "--name",
    ("hosts",): "--host",
    ("federation", "address"): "--federation",
    ("federation", "listen"): "--listen-federation",
    ("enrolment", "address"): "--enrolment",
    ("enrolment", "listen"): "--listen-enrolment",
}
"""The option that says what stands at a place of the settings."""

_ALLOWED = {
    "--trust-domain": "write a name like a domain's, such as npu.example: at most 121 of a-z, 0-9, the hyphen and the "
    "dot, a letter or a digit first. It is the network's for ever",
    "--name": "write 1 to 120 characters, such as NPU",
    "--host": "write a name or an address of 1 to 253 characters, such as kudos.npu.example",
}


def _written(content: dict[str, object]) -> str:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("What the network is called and where it is reached. `trust_domain` never changes."))
    document.update(content)
    return tomlkit.dumps(document)
