"""Charges, captures, reservations, refunds and credits: append-only, with a balance per charge that the database guards."""
