"""Green Button files: the energy usage of utilities' customers as NAESB REQ.21, ESPI, defines it: Atom feeds in XML.

`archive` finds the documents in a body, `elements` walks one of them, `feed` takes its entries apart, `links` joins
them again, `codes` says what they mean, and `intervals` makes records of readings. Nothing here knows a database.
"""
