"""The duties of who is responsible for the data: erasure, retention, objections, and a register of what was removed."""
