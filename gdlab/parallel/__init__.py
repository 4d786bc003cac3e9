"""Work on tiles by several threads, processes or machines; the results cannot tell which."""
