"""kudos-audit: the auditor's commands. Thin: parse, call, print."""
