"""What privacy costs: exact amounts, and how they compose over releases and over members."""
