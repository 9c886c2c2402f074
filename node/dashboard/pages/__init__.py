"""The pages by theme: each a pure function of a view (`node.dashboard.view`)."""
