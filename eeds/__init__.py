"""eeds, the Energy Efficiency DataStore: load energy data over REST, run the eemeter on it, serve the savings."""

__version__ = "0.1.0"
