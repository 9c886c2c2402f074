"""What institutions tell each other in their own words and levels: short texts, and how far they say they have come.

None of it is of customers, none of it is computed: a person has written or chosen it. It is signed by the member's key.
"""
