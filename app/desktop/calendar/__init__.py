"""The calendar: a query's answer on the days of a month or a week."""
