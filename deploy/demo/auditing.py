"""An auditor gets what NPU has as plain files, and computes all of it again: a third program, which trusts neither."""

from shlex import quote

from deploy.demo.network import Network
from deploy.demo.stage import Stage


def audited(stage: Stage, network: Network) -> None:
    """Exports everything and has it verified, offline. Raises Failed, with what was found, unless all is sound."""
    words = f"export --restricted --out {quote(str(network.bundle))}"
    stage.prompt(network.coordinator.typed(words))
    written = network.coordinator.reads("export", "--restricted", "--out", network.bundle)
    stage.says(
        f"  ✓ {written['files']} files: every ledger as NPU has witnessed it, the round, the benchmark, and the "
        "releases, which are for an auditor alone"
    )
    stage.prompt(network.auditor.typed(f"network {quote(str(network.bundle))}"))
    verdict, _, _ = network.auditor.runs("network", network.bundle).partition("\n\n")
    for line in verdict.splitlines():
        stage.quotes(line, "green" if line.startswith("SOUND") else "")
    stage.says(
        "  That is: each release is the one that its member's ledger has booked, at its true cost and within that "
        "member's caps, and every published figure follows from these releases. It trusts neither NPU nor the nodes."
    )
