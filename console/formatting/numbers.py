from django.utils.formats import get_format


def localised(number: str) -> str:
    """Return a number as the page's language writes it: "1,768.85" is "1.768,85" in Brazil. For a text to read only."""
    separators = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return number.translate(str.maketrans(separators))
