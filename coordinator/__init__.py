"""What NPU runs: it combines only noisy aggregates. It comes with the federation; its import contract holds already."""
