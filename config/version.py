"""The project's version, as pyproject.toml names it; the project runs from its checkout and is never installed."""

import tomllib
from pathlib import Path

VERSION: str = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]["version"]
