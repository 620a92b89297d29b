"""Trade of the base year: arrays, records, calibration."""
