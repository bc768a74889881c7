"""The library's fits with their inner loops compiled: the same numbers, bit by bit, in a small part of the time.

A fit of the library is some thousand evaluations of an objective that calls numpy a dozen times on 365 numbers. Here
the objective is compiled by numba, with the additions in numpy's order and the searches in scipy's; what the library
has compiled itself is called. NLopt is called as the library calls it. The library stays the definition: whatever these
models are not made for, they leave to it, and eeds.meter.models.engine says when they may be used at all.
"""
