"""The commands of kudos-node: one file per command or group of commands; each parses, calls and prints."""
