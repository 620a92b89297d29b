"""Why a study cannot begin or was stopped."""


class StudyError(RuntimeError):
    """A study that cannot be carried out; the message says why and what is wanted."""
