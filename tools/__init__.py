"""What the makefile runs besides: locks, stubs, wire compatibility, texts of the documentation."""
