"""Work on tiles by several threads or processes; the results cannot tell which."""
