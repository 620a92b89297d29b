"""Tables of a world: schemas, reading, checks and the records they become."""
