"""Mail domains as options give them."""

from node.errors import UsageError


def mail_domains(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Mail domains as they are compared with; people like to write them with the @. Raises UsageError."""
    return tuple(_domain(text) for text in texts)


def _domain(text: str) -> str:
    from privacy.identity.normalise import normalise_domain

    domain = normalise_domain(text.strip().removeprefix("@"))
    if domain is None:
        raise UsageError(f"--own-domain {text!r} is no mail domain. Write what follows the @, such as nordscenen.no.")
    return domain
