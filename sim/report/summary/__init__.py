"""The first page: the answer, three numbers, next steps, who loses, how sure."""
