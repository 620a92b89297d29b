"""Requests of the page to the lab about texts: to read, edit, open and save one."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.lab.checked_text import TextReading, inherited_tree, read_typed
from sim.lab.controls import GROUPS, ControlMaker, schema_of_scenarios, values_beside
from sim.lab.document import EditContext, EditError, steps_of, with_value
from sim.lab.links import LinkError, link_of, read_link
from sim.laws.numerics.recent_cache import RecentCache
from sim.scenario.template import pair_text
from sim.scenario.text.tree import MappingNode, SequenceNode, at, plain
from sim.scenario.writing import scenario_hash
from sim.store.scenario_files import (
    SUFFIX,
    folder_state,
    save_text,
    scenario_files,
    text_hash,
    text_of,
)
from sim.world.coastlines import load_land
from sim.world.describe.pair_overview import known_of_pair
from sim.world.load import load_world
from sim.world.name_lists import Names
from sim.world.names import world_names
from sim.world.titles import world_titles

MAX_TEXT = 64 * 1024
"""Bytes of a scenario's text [B]."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)
KEPT_EDITS = 100
MAX_DIFFERENCE = 400
"""Lines of a difference that are told."""


BASELINE = "baseline.yaml"
ELSEWHERE = "Ports and straits"
"""Gates that are on no border of two States."""


class RefusedRequestError(ValueError):
    """A request that makes no sense, or is not allowed; the message says why."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class ScenarioEditor:
    """Texts of the scenarios of a folder.

    Parameters
    ----------
    folder : Path
        Folder of the scenarios.
    world : Path or None
        Folder of world tables.
    world_hash : str
    is_read_only : bool
        Whether nothing may be written.
    """

    folder: Path
    world: Path | None
    world_hash: str
    is_read_only: bool = False

    def __post_init__(self) -> None:
        self.names: Names = world_names(self.world)
        self._titles = world_titles(self.world)
        self._edits: RecentCache[dict[str, Any]] = RecentCache(most=KEPT_EDITS)
        self._maker = ControlMaker(schema_of_scenarios(), self._titles)

    def start(self) -> dict[str, Any]:
        """Data that the page needs once: names with titles, scenarios, groups, limits."""
        return {
            "titles": {name: dict(titles) for name, titles in self._titles.items()},
            "groups": GROUPS,
            "scenarios": [self._listed(path) for path in scenario_files(self.folder)],
            "world_hash": self.world_hash,
            "map": self._map(),
            "borders": self._borders(),
            "read_only": self.is_read_only,
        }

    def _borders(self) -> dict[str, list[str]]:
        """Crossings of each border of two States, by their names; then ports and straits."""
        regions, gates = self._titles["regions"], load_world(self.world).gates
        found: dict[str, list[str]] = {}
        for gate in sorted(gates, key=lambda gate: gate.name):
            two = len(gate.owners) == 2
            name = " and ".join(sorted(regions[owner] for owner in gate.owners)) if two else ""
            found.setdefault(name, []).append(gate.gate)
        elsewhere = found.pop("", [])
        return {**dict(sorted(found.items())), ELSEWHERE: elsewhere}

    def _map(self) -> dict[str, Any]:
        """Outlines of land, and where gates and other nodes lie [degrees]."""
        network = load_world(self.world).network
        gates = [*self._titles["gates"]]
        spots = zip(
            network.nodes, network.node_names, network.longitude.tolist(),
            network.latitude.tolist(), network.gate.tolist(), strict=True,
        )  # fmt: skip
        return {
            "land": [ring.tolist() for ring in load_land(self.world)],
            "nodes": {
                node: {"name": name, "x": x, "y": y, "gate": gates[gate] if gate >= 0 else ""}
                for node, name, x, y, gate in spots
            },
        }

    def question(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Text of a new scenario about two States on the folder's baseline, and what is known.

        Raises
        ------
        RefusedRequestError
            If there is no such State or no baseline.
        """
        pair, path = asked.get("pair"), self.path_of(asked.get("name"))
        codes = [*self._titles["regions"]]
        if not isinstance(pair, list) or len({*pair} & {*codes}) != len(pair) or len(pair) != 2:
            raise RefusedRequestError("wanted two different States")
        base = read_typed(self.folder / BASELINE, text_of(self.folder / BASELINE), self.names)
        if base.scenario is None:
            raise RefusedRequestError(f"there is no valid {BASELINE} to build on")
        if text_of(path):
            raise RefusedRequestError(f"{path.name} is there already; choose another name", 409)
        world = load_world(self.world, ledger=base.scenario.baseline.ledger)
        known = known_of_pair(world, *pair)
        targets = dict.fromkeys(base.scenario.targets, "")
        text = pair_text(path.stem, self.names, (pair[0], pair[1]), BASELINE, targets, known)
        return {"file": path.name, "text": text, "known": list(known)}

    def _listed(self, path: Path) -> dict[str, Any]:
        text = text_of(path)
        title = re.search(r"^title: *(.*)$", text, re.MULTILINE)
        return {"file": path.name, "title": title[1].strip("'\" ") if title else path.stem}

    def opened(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A scenario's file, or the text that a link leads to.

        Raises
        ------
        RefusedRequestError
            If there is no such file or the link leads nowhere.
        """
        link = asked.get("link")
        notes: list[str] = []
        try:
            parts = read_link(str(link)) if link else None
        except LinkError as error:
            raise RefusedRequestError(str(error)) from None
        name = parts.scenario if parts else asked.get("file")
        path = self.path_of(name)
        original = text_of(path)
        if not original:
            raise RefusedRequestError(
                f"{path.name}: there is no such scenario in {self.folder.name}", 404
            )
        text = original
        if parts:
            if parts.world and not self.world_hash.startswith(parts.world):
                notes.append(
                    f"The link was made on another world ({parts.world}) than this one "
                    f"({self.world_hash[: len(parts.world)]}); its numbers will differ."
                )
            try:
                text = parts.applied(original, self._context(path, original, original))
            except LinkError as error:
                raise RefusedRequestError(str(error)) from None
        return {
            "file": path.name,
            "text": text,
            "original": original,
            "hash": text_hash(original),
            "notes": notes,
        }

    def path_of(self, name: object) -> Path:
        """Path of a scenario by its plain name.

        Raises
        ------
        RefusedRequestError
            If it is no name of a file in the folder.
        """
        stem = name.removesuffix(SUFFIX) if isinstance(name, str) else ""
        if NAME.fullmatch(stem) is None:
            raise RefusedRequestError("wanted a name of letters, digits, - and _")
        return self.folder / f"{stem}{SUFFIX}"

    def _context(self, path: Path, text: str, original: str) -> EditContext:
        return EditContext(original, inherited_tree(path, text))

    def read(self, asked: dict[str, Any]) -> tuple[TextReading, dict[str, Any]]:
        """A text: problems, controls, link.

        Raises
        ------
        RefusedRequestError
            If the request makes no sense.
        """
        path, text, original = self._texts(asked)
        reading = read_typed(path, text, self.names, folder_state(self.folder))
        told = reading.as_json()
        if reading.merged is not None and reading.own is not None:
            below = inherited_tree(path, text)
            made = self._maker.controls(reading.merged, below, path)
            told["controls"] = [control.as_json() for control in made]
            told["closures"] = _spells(reading.merged, below, str(path))
            told["replaces"] = _replaced_lists(reading.own, below)
            context = EditContext(original, below)
            told["link"] = link_of(text, original, path.name, self.world_hash, context)
        if reading.scenario is not None:
            told["scenario_hash"] = scenario_hash(reading.scenario)
            told["title"] = reading.scenario.title
        return reading, told

    def scenario_of(self, asked: dict[str, Any]) -> TextReading:
        """A text, read for its scenario alone.

        Raises
        ------
        RefusedRequestError
            If the request makes no sense.
        """
        path, text, _ = self._texts(asked)
        return read_typed(path, text, self.names, folder_state(self.folder))

    def is_as_filed(self, asked: dict[str, Any]) -> bool:
        """True for a text that its file holds."""
        return asked.get("text") == text_of(self.path_of(asked.get("file")))

    def edited(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A text after an edit by a control; one seen before is found again.

        Raises
        ------
        RefusedRequestError
            If the text has no safe place for it.
        """
        key = (repr(sorted(asked.items(), key=str)), folder_state(self.folder))
        return self._edits.of(key, lambda: self._edited(asked))

    def _edited(self, asked: dict[str, Any]) -> dict[str, Any]:
        path, text, original = self._texts(asked)
        steps = asked.get("path")
        if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
            raise RefusedRequestError("wanted the steps of a path")
        try:
            edit = with_value(
                text, steps_of(steps), asked.get("value"),
                self._context(path, text, original), default=asked.get("resting"),
            )  # fmt: skip
        except (EditError, ValueError) as error:
            raise RefusedRequestError(str(error), 422) from None
        changes = [vars(change) for change in edit.changes]
        return {"text": edit.text, "changes": changes}

    def steps_beside(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """Texts with a slider one step up and down, as its edits would give them.

        Raises
        ------
        RefusedRequestError
            If the request makes no sense.
        """
        control = asked.get("control")
        if not isinstance(control, dict):
            raise RefusedRequestError("wanted a control")
        steps = {"path": control.get("path"), "resting": control.get("resting")}
        values = values_beside(control, asked.get("value"))
        return [self.edited({**asked, **steps, "value": value}) for value in values]

    def saved(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Save a text under a name.

        Raises
        ------
        RefusedRequestError
            With 403 if nothing may be written.
        """
        if self.is_read_only:
            raise RefusedRequestError("this lab was started to read only", 403)
        text = self._text(asked.get("text"))
        path = self.path_of(asked.get("name"))
        expected = asked.get("hash")
        present = save_text(path, text, expected if isinstance(expected, str) else None)
        if present is None:
            return {"saved": path.name, "hash": text_hash(text)}
        lines = difflib.unified_diff(
            present.splitlines(), text.splitlines(), "on disk", "yours", lineterm=""
        )
        difference = [*lines][:MAX_DIFFERENCE]
        return {"conflict": path.name, "difference": difference, "hash": text_hash(present)}

    def _texts(self, asked: dict[str, Any]) -> tuple[Path, str, str]:
        """Path, text and the file as it was opened."""
        path, text = self.path_of(asked.get("file")), self._text(asked.get("text"))
        original = asked.get("original")
        return path, text, self._text(original) if original is not None else text

    def _text(self, given: object) -> str:
        if not isinstance(given, str):
            raise RefusedRequestError("wanted a text")
        if len(given.encode("utf-8", "replace")) > MAX_TEXT:
            raise RefusedRequestError("the text is longer than 64 kB", 413)
        return given


def _spells(merged: MappingNode, below: MappingNode | None, own: str) -> dict[str, dict[str, Any]]:
    """Dated closures of each gate, with those that the text inherits."""
    found = merged.get("closures")
    inherited = below.get("closures") if below is not None else None
    if not isinstance(found, MappingNode):
        return {}
    return {
        gate: {
            "spells": plain(entry.node),
            "below": plain(old) if (old := at(inherited, gate)) is not None else None,
            "is_own": entry.node.place.file == own,
        }
        for gate, entry in found.entries.items()
    }


def _replaced_lists(own: MappingNode, below: MappingNode | None) -> list[dict[str, Any]]:
    """Lists of the text that leave out items of those that they replace in extended files."""
    found: list[dict[str, Any]] = []

    def look(mine: MappingNode, theirs: MappingNode, path: tuple[str, ...]) -> None:
        for key, entry in mine.entries.items():
            other, steps = theirs.get(key), (*path, key)
            if isinstance(entry.node, MappingNode) and isinstance(other, MappingNode):
                look(entry.node, other, steps)
            elif isinstance(entry.node, SequenceNode) and isinstance(other, SequenceNode):
                kept = [plain(item) for item in entry.node.items]
                if all(plain(item) in kept for item in other.items):
                    continue
                found.append(
                    {
                        "path": list(steps),
                        "line": entry.key_place.line,
                        "n": len(other.items),
                        "file": Path(other.place.file).name,
                    }
                )

    if below is not None:
        look(own, below, ())
    return found
