"""What an institution runs beside its ticketing system: import, own figures, releases."""
