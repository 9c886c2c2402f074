"""The commands by name, in the order in which somebody meets them, and the module of each."""

COMMANDS = {
    "init": "coordinator.cli.init",
    "member": "coordinator.cli.member",
    "certificate": "coordinator.cli.certificate",
    "study": "coordinator.cli.study",
    "serve": "coordinator.cli.serve",
    "round": "coordinator.cli.round",
    "benchmark": "coordinator.cli.benchmark",
    "export": "coordinator.cli.export",
}
