"""What a multirun leaves: its jobs, its table, its comparison."""
