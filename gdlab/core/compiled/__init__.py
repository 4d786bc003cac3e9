"""The compiled core: the same descent as `gdlab.core.descent`, in machine code made by Numba.

A formula becomes Python text (`formulas`), with the method and the criterion a whole kernel
(`kernels`), which Numba compiles once and keeps in a folder of the user (`building`). The kernel
takes the lanes through `loop`, and `descent` gives it lanes on all threads.
"""
