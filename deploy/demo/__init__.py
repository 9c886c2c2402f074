"""The demo: an invented institution, its exports, and a node that is put to work on them."""
