"""The two ports: joining, over server TLS, and the federation's work, over mutual TLS 1.3."""
