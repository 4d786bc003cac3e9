"""What a command owes its terminal: text that it can show, and a quiet end."""
