"""Buildings whose savings are known, from several sources, each drawn from a seed, with a retrofit or without one."""
