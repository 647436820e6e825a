"""Templates: autoescaped, strict about what they use, given nothing but view models."""

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator import __version__
from aggregator.web.asked import Asked
from aggregator.web.texts import texts


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aggregator.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["runs"] = _runs
    return environment


def _runs(values: Iterable[Any], name: str) -> list[tuple[Any, list[Any]]]:
    """Return runs of values that have the same attribute, in order."""
    return [(key, list(run)) for key, run in groupby(values, key=attrgetter(name))]


def render(template: str, asked: Asked, **values: Any) -> bytes:
    """Return a page in the language that was asked for."""
    words = texts(asked.lang)
    other = "en" if asked.lang == "ar" else "ar"
    context = {
        "t": words,
        "links": asked.links,
        "asked": asked,
        "other": other,
        "switch": asked.switch or asked.again(lang=other),
        "program": __version__,
        "feeds": (),
        "here": "",
        **values,
    }
    text = _environment().get_template(template).render(context)
    return text.encode("utf-8", "xmlcharrefreplace")
