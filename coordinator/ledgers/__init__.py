"""The members' ledgers at their witness: what it takes, what it has, and what it gives back."""
