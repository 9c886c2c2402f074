"""The commands by name, in the order in which somebody meets them, and the module of each."""

COMMANDS = {
    "init": "node.cli.init",
    "join": "node.cli.join",
    "identity": "node.cli.identity",
    "import": "node.cli.importing",
    "systems": "node.cli.systems",
    "standard": "node.cli.standard",
    "kpi": "node.cli.kpi",
    "review": "node.cli.review",
    "policy": "node.cli.policy",
    "release": "node.cli.release",
    "outbox": "node.cli.outbox",
    "budget": "node.cli.budget",
    "ledger": "node.cli.ledger",
    "rounds": "node.cli.rounds",
    "approve": "node.cli.approve",
    "decline": "node.cli.decline",
    "run": "node.cli.run",
    "benchmark": "node.cli.benchmark",
    "cross-use": "node.cli.cross_use",
    "doctor": "node.cli.doctor",
}
