"""What is descended: formulas and Python functions, and what is known of their minima."""
