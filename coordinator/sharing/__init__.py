"""What members tell each other through the coordinator: texts about benchmarks, and their self-assessments."""
