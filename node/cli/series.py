"""kudos-node series: the rounds of one study one after the other, and what changed between them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from privacy.terminal.options import series_options

if TYPE_CHECKING:
    from node.home import Home
    from node.membership.settings import Membership
    from privacy.estimate.series import Series
    from privacy.estimate.series_rows import Own


@click.command()
@series_options
@output.common
def command(study: str, cohort: str | None, table_name: str | None, measure: str | None, csv_file: Path | None) -> None:
    """Show how the published figures of STUDY changed from round to round, beside your own of the same windows.

    A change has an error of its own, that of both rounds together. "within noise" (≈) says that nothing may have
    changed at all: then say nothing of it. Where institutions joined or left, a part of a change is theirs.

    A new version of a study begins a series of its own. Your own figures are exact, and seen here alone.

    \b
    Examples:  kudos-node series benchmark
               kudos-node series benchmark --cohort industry:museum --measure retention
               kudos-node series benchmark --table age_band --csv series.csv
    """
    from node.membership.settings import membership
    from node.network import benchmarks
    from privacy.estimate import series_rows
    from privacy.estimate.series import series_of
    from privacy.terminal import series as shown

    if csv_file is not None:
        output.refuse_target(csv_file)
    home = output.state.home
    network = membership(home)
    looked = benchmarks.look(home, network)
    for fault in looked.faults.values():
        output.complain(str(fault))
    every = series_of(each.benchmark for each in looked.kept)
    known = shown.of_study(every, study, "To look for new ones: kudos-node run --once")
    cohort, table_name = shown.asked(known, cohort, table_name, measure)
    found = [(each, each.lines([cohort], table_name, measure), _own(home, network, each)) for each in known]
    if csv_file is not None:
        from node.home import write_private
        from privacy.files import for_spreadsheets

        write_private(csv_file, for_spreadsheets(series_rows.as_csv(found)))
    if output.state.as_json:
        output.emit({"series": [series_rows.as_json(*each) for each in found]})
        return
    shown.show_all(output.voice, found)
    if csv_file is not None:
        output.say(f"Written: {csv_file}")


def _own(home: "Home", network: "Membership", series: "Series") -> "Own":
    """The own exact figures of every window of a series; none where this node was asked in no round of it."""
    from node.benchmark.asked import study_of
    from node.benchmark.own import own_figures
    from node.benchmark.own_thresholds import thresholds_of

    study = study_of(home, network, series)
    if study is None:
        return ()
    return [
        own_figures(home, study, window, output.complain, thresholds_of(home, study, window))
        for window in series.windows
    ]
