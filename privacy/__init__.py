"""The trust kernel that node, coordinator and auditor share: pure wherever it can be."""
