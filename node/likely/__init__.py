"""Who is likely one person under two addresses: for the institution's own figures alone, and never for a release.

What is learned from all customers together would make one customer's cells depend on others (privacy contract, section
2). So it lies in a file of its own beside the store, which the store's engine cannot open; no module that makes,
prepares or sends a release may import this package (import contract "likely persons never feed a release").
"""
