"""The settings load fast: nothing heavy comes with them, and one module alone knows keyring."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import ncpconsole

HEAVY = ("keyring", "httpx", "tomlkit", "filelock", "sqlite3", "msgspec", "textual", "asyncio")
LIGHT = ("paths", "settings", "profiles", "credentials", "settings_writer", "ncloud_cli")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(ran.stdout.split())


def test_asking_for_settings_loads_nothing_heavy() -> None:
    statement = "import " + ", ".join(f"ncpconsole.config.{name}" for name in LIGHT)
    assert not loaded_after(statement) & set(HEAVY)


def test_asking_for_keys_loads_no_keyring_and_no_network() -> None:
    loaded = loaded_after("import ncpconsole.config.credentials, ncpconsole.config.keyring_store")
    assert not loaded & {"keyring", "httpx", "tomlkit", "filelock"}


def test_one_module_imports_keyring() -> None:
    root = Path(ncpconsole.__file__).parent
    importers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in {"keyring", "secretstorage"} for name in names):
                importers.add(str(path.relative_to(root)))
    assert importers == {"config/keyring_store.py"}
