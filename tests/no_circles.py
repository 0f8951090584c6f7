"""A contract of import-linter: no files of a room import each other in a circle, at whatever depth they lie.

The linter's own ``acyclic_siblings`` takes a folder inside a room for one thing, and so cannot tell a circle of files
from two folders that each use a file of the other.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, cast

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph


class NoCircles(Contract):
    """``rooms`` are packages. Imports for types and inside functions count as any other."""

    type_name = "no_circles"

    rooms = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        circles: list[list[str]] = []
        for room in cast("list[str]", self.rooms):
            files = {module for module in graph.modules if f"{module}.".startswith(f"{room}.")}
            arrows = {file: graph.find_modules_directly_imported_by(file) & files for file in files}
            try:
                TopologicalSorter(arrows).prepare()
            except CycleError as error:
                circles.append(error.args[1])
        return ContractCheck(kept=not circles, metadata={"circles": circles})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for circle in check.metadata["circles"]:
            output.print_error(" <- ".join(circle))
