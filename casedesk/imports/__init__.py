"""Files in: mappings, previews, row-level error files, control totals."""
