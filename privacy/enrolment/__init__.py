"""How a holder gets its certificate: keys and requests, made alike by a node and by an auditor."""
