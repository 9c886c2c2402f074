"""The commands by name, in the order in which somebody meets them, and the module of each."""

COMMANDS = {
    "join": "privacy.audit.cli.join",
    "export": "privacy.audit.cli.export",
    "network": "privacy.audit.cli.network",
    "round": "privacy.audit.cli.round",
    "ledger": "privacy.audit.cli.ledger",
    "explain": "privacy.audit.cli.explain",
    "watch": "privacy.audit.cli.watch",
    "mechanism": "privacy.audit.cli.mechanism",
}
