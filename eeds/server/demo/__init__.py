"""The demo: a made-up building whose savings are known, taken through the tutorial against a datastore of its own."""
