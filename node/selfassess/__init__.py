"""How far the institution says it has come, over time, in its own folder. Only the policy has the newest one shared."""
