"""Every promise of robustness, tried: `python -m benchmarks.robustness` prints the outcome."""
