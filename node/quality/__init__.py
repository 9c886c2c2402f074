"""The data quality report: what is known of customers, where the series has gaps, and what to do about each."""
