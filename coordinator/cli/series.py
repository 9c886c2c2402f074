"""kudos-coordinator benchmark series: the published rounds of one study one after the other."""

from pathlib import Path

import click

from coordinator.cli import output
from privacy.terminal.options import series_options


@click.command("series")
@series_options
@output.common
def series(study: str, cohort: str | None, table_name: str | None, measure: str | None, csv_file: Path | None) -> None:
    """Show how the published figures of STUDY changed from round to round.

    A change has an error of its own, that of both rounds together; ≈ says that it is within noise. Of each window the
    newest publication counts. A new version of a study begins a series of its own.
    """
    from coordinator.errors import CoordinatorError, UsageError
    from coordinator.publish.publications import envelope, listed
    from privacy.estimate import series_rows
    from privacy.estimate.benchmark import read
    from privacy.estimate.series import series_of
    from privacy.files import for_spreadsheets
    from privacy.terminal import series as shown

    if csv_file is not None and csv_file.absolute().resolve().is_relative_to(output.state.home.path.resolve()):
        raise UsageError(f"{csv_file} is in the coordinator's own folder. Name a file somewhere else.")
    with output.office() as office:
        key = office.signing_key.public_key()
        every = series_of(read(envelope(office.store, each.round, each.version), key) for each in listed(office.store))
    known = shown.of_study(every, study, "What is published: kudos-coordinator benchmark list")
    cohort, table_name = shown.asked(known, cohort, table_name, measure)
    found = [(each, each.lines([cohort], table_name, measure), ()) for each in known]
    if csv_file is not None:
        try:
            csv_file.write_bytes(for_spreadsheets(series_rows.as_csv(found)))
        except OSError as error:
            raise CoordinatorError(f"{csv_file} cannot be written ({error.strerror}).") from error
    if output.state.as_json:
        output.emit({"series": [series_rows.as_json(*each) for each in found]})
        return
    shown.show_all(output.voice, found)
    if csv_file is not None:
        output.say(f"Written: {csv_file}")
