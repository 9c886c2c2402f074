"""What can be wrong with a sketch, or with the seal that it travels under. No message says anything of its bits."""

from privacy.errors import KudosError


class BadSketch(KudosError):
    """Something that is no sketch, or that no sketch can be made or counted from."""

    reason = "BAD_SKETCH"


class BadSeal(KudosError):
    """A sealed sketch that must not be used."""

    reason = "BAD_SEAL"


class WrongSeal(BadSeal):
    """A header that its sender did not sign so, that contradicts itself, or that belongs to something else."""

    reason = "WRONG_SEAL"


class NotSealedForMe(BadSeal):
    """A sketch whose content key is not sealed for this member and its sealing key."""

    reason = "NOT_SEALED_FOR_ME"


class SketchAltered(BadSeal):
    """Chunks that are not those of the header, or a sketch inside that is not the one that the header says."""

    reason = "SKETCH_ALTERED"
