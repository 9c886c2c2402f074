"""How all the programs of Kudos speak: tables, sentences, JSON, refusals, exit status.

A program says once what is its own (`Voice`, its options, its commands by name) and gets the rest from here. Nothing
else of the kernel knows that there is a terminal.
"""
