"""Documents say what is there: settings, commands, keys of a source, fields of the record."""

import configparser
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from aggregator.catalogue import _READERS
from aggregator.cli import COMMANDS
from aggregator.config import PREFIX, Config
from aggregator.types import Record

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def settings_table() -> str:
    rows = ["| setting | default | what |", "|---|---|---|"]
    for each in fields(Config):
        value = each.default
        shown = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        rows.append(f"| {PREFIX}{each.name.upper()} | {shown} | {each.metadata['doc']} |")
    return "\n".join(rows)


def test_every_setting_is_documented() -> None:
    path = DOCS / "running.md"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("<!-- settings -->\n")
    table, _, tail = rest.partition("\n<!-- /settings -->")
    if os.environ.get("AGGREGATOR_UPDATE_GOLDEN"):
        path.write_text(
            f"{head}<!-- settings -->\n{settings_table()}\n<!-- /settings -->{tail}",
            encoding="utf-8",
        )
        return
    assert table == settings_table(), "run with AGGREGATOR_UPDATE_GOLDEN=1"


@pytest.mark.parametrize("readme", ["README.md", "README.ar.md"])
def test_readme_begins_with_the_two_commands(readme: str) -> None:
    lines = (ROOT / readme).read_text(encoding="utf-8").splitlines()
    assert "make demo" in lines[:20]
    assert "make test" in lines[:20]


def test_every_command_is_in_the_readme_and_has_help() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"`{name}" in text, name
        words = [sys.executable, "-m", "aggregator", name, "--help"]
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_key_of_a_source_is_documented() -> None:
    text = (DOCS / "sources.md").read_text(encoding="utf-8")
    assert [key for key in _READERS if not re.search(rf"\b{key}\b", text)] == []


def test_every_field_of_the_record_is_documented() -> None:
    text = (DOCS / "record.md").read_text(encoding="utf-8")
    missing = [each.name for each in fields(Record) if not re.search(rf"\b{each.name}\b", text)]
    assert missing == []


def test_relative_links_of_documents_lead_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_unit_files_are_well_formed() -> None:
    text = (DOCS / "running.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```ini\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment]
        unit.read_string(block)
        assert unit.has_section("Unit")
        assert unit.has_section("Service") or unit.has_section("Timer")


def test_compose_names_what_is_there() -> None:
    compose = yaml.safe_load((DOCS / "compose.yaml").read_text(encoding="utf-8"))
    for service in compose["services"].values():
        assert (DOCS / service["build"]["context"] / service["build"]["dockerfile"]).exists()
        assert service["command"][0] in COMMANDS
    text = (DOCS / "Containerfile").read_text(encoding="utf-8")
    for name in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / part).exists() for part in name.split())


def test_no_registry_is_named() -> None:
    words = ["git", "grep", "-lE", r"pypi\.org|files\.pythonhosted|registry\.npmjs"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    named = [line for line in done.stdout.splitlines() if line != "tests/test_docs.py"]
    assert named == []
