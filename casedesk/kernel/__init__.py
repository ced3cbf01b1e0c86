"""What every room may use and nothing may change: money, calendars, case numbers, the family of refusals. Pure."""
