"""From order lines to the bounded view: nothing that one customer does moves a table by more than it declares."""
