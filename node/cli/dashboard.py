"""kudos-node dashboard: the figures in a browser on this machine."""

import click

from node.cli import output


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Listen on this port (default: any free one).")
@click.option("--no-browser", is_flag=True, help="Open no browser; the address is printed in any case.")
@output.viewer
@output.common
def command(port: int, no_browser: bool, viewer: str | None) -> None:
    """Show your own figures beside the sector's in a browser, for people who look rather than read.

    The pages are served by this program to this machine alone, and to nobody without the token in the address that is
    printed. Your own figures are exact and stay here; benchmarks are those that `run` has fetched. It works until you
    press Ctrl+C.

    \b
    Examples:  kudos-node dashboard
               kudos-node dashboard --viewer npu-2025.public
               kudos-node --home ~/.kudos/viewer dashboard --viewer
    """
    from node.dashboard import serving
    from node.dashboard.access import Door
    from node.dashboard.app import application
    from node.dashboard.house import House
    from node.dashboard.language import language

    home = output.state.home
    if viewer is None:
        home.settings()
    house, door = House(home, *output.viewing(viewer)), Door.new()
    house.sector()
    output.say(
        "Computing your own figures, once after every import …" if viewer is None else "Reading the benchmarks …"
    )
    house.warm(language("nb"))

    def ready(port: int) -> None:
        address = f"http://{serving.LOOPBACK}:{port}/?token={door.token}"
        if output.state.as_json:
            output.emit({"address": address})
        output.say("The dashboard is open to this machine alone, at:")
        output.say(f"  {address}")
        output.say("Stop it with Ctrl+C.")
        if not no_browser:
            click.launch(str(serving.opener(house.folder, address)))

    serving.serve(application(house, door), port, ready)
