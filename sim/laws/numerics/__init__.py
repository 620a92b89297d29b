"""Calendar, compiled loops, array types and bounds that all laws share."""
