"""Speed and memory of gdlab beside its peers, measured in one run: `python -m benchmarks`."""
