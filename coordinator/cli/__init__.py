"""The commands of kudos-coordinator."""
