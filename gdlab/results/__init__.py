"""What the lanes did: verdicts as rows of a table, tallies of them, overviews, traces, curves."""
