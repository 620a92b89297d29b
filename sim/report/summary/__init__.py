"""The first page: the answer, key numbers, next steps, who loses, how sure."""
