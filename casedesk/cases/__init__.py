"""The record: cases, exchanges, decisions, and the adapter that turns them into facts."""
