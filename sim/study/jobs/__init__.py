"""Studies as lists of jobs, and the rows that each leaves behind."""
