"""The filter language: which projects or traces are meant, said in JSON and compiled to SQL.

language reads a filter, fields names what it may ask for, kinds the types of that; condition compiles it.
"""
