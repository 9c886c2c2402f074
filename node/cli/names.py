"""The commands by name, in the order in which somebody meets them, and the module of each."""

COMMANDS = {
    "init": "node.cli.init",
    "import": "node.cli.importing",
    "systems": "node.cli.systems",
    "standard": "node.cli.standard",
    "kpi": "node.cli.kpi",
    "policy": "node.cli.policy",
    "review": "node.cli.review",
    "release": "node.cli.release",
    "outbox": "node.cli.outbox",
    "budget": "node.cli.budget",
    "doctor": "node.cli.doctor",
}
