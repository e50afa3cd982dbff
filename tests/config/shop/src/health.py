def handler(event: object, context: object) -> None:
    """Answer nothing."""
