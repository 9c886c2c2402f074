"""What an auditor needs, and all that an auditor has to trust: no code of the node or the coordinator is in here.

From files alone (`bundle`, `reading`) to findings (`ledger_check`, `spending`, `releases_check`, `certificates_check`,
`rounds_check`, `benchmarks_check`) and a verdict over them (`verdict`, `network`). docs/audit.md says what this can see
and what it cannot.
"""
