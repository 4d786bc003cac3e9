"""`python -m gdlab`."""

from gdlab.app import main

main()
