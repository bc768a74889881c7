"""The models of the library, opendsm's eemeter: nothing outside this package imports it. Importing it takes seconds."""
