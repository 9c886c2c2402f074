"""What is wrong with a backup, or with what is said to open it."""

from privacy.errors import KudosError


class BackupError(KudosError):
    """A backup cannot be made or read."""

    reason = "BACKUP"


class BackupDamaged(BackupError):
    """The file is no backup, or not the one that was written: cut short, changed, of another program."""

    reason = "BACKUP_DAMAGED"


class WrongPassphrase(BackupError):
    """The passphrase is not the one that the backup was made with."""

    reason = "WRONG_PASSPHRASE"
