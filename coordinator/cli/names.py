"""The commands by name, in the order in which somebody meets them, and the module of each."""

COMMANDS = {
    "init": "coordinator.cli.init",
    "member": "coordinator.cli.member",
    "certificate": "coordinator.cli.certificate",
    "study": "coordinator.cli.study",
    "serve": "coordinator.cli.serve",
    "round": "coordinator.cli.round",
    "benchmark": "coordinator.cli.benchmark",
    "insight": "coordinator.cli.insight",
    "export": "coordinator.cli.export",
    "status": "coordinator.cli.status",
    "doctor": "coordinator.cli.doctor",
    "backup": "coordinator.cli.backup",
    "restore": "coordinator.cli.restore",
}
