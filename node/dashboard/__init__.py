"""The dashboard: the own figures beside the sector's, in a browser on this machine alone.

Data's way: `own` (exact figures, kept by import) and `sector` (published benchmarks) → `pages` (what a page says, pure)
→ `charts` (a specification of Vega-Lite, pure) → templates, downloads, and the printed report.
"""
