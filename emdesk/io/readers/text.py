"""Delimited text: CSV, TSV and tables aligned with blanks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from emdesk.errors import FileProblem
from emdesk.io.dialect import Dialect
from emdesk.io.problems import cannot_read, changed_meanwhile
from emdesk.io.readers.columns import REFUSED_LISTED, NumberColumn, TextColumn, must_be
from emdesk.io.readers.finishing import Finished, finish
from emdesk.io.readers.naming import column_names
from emdesk.io.readers.records import Batch, Records
from emdesk.io.readers.source import LineSource
from emdesk.io.reading import Reading, Refused
from emdesk.model.dataset import Dataset
from emdesk.texts import say, say_count

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


def read_text(
    path: Path | str,
    dialect: Dialect,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Reading:
    """The whole file as a dataset.

    Raises FileProblem with the line for a row with more or fewer cells than it should have, for
    what is no text, and for a file without rows; Cancelled when `cancelled` says so. A column is
    numeric where at most a tenth of its cells cannot be read. Where the rows further down disagree
    with the first ones the file is read again, at most twice.
    """
    path = Path(path)
    plan: dict[int, bool] = {}
    before = _stamp(path)
    while True:
        with LineSource(path, dialect.encoding, progress, cancelled) as source:
            table = _Pass(source, dialect, dict(plan))
            table.run()
        changes = table.disagreements()
        if not changes:
            break
        plan.update(changes)
    reading = table.reading(before[0])
    if _stamp(path) != before:
        raise changed_meanwhile(path)
    return reading


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError as problem:
        raise cannot_read(path, problem) from None
    return stat.st_size, stat.st_mtime_ns


@dataclass
class _Pass:
    """One walk through a file. `plan` is what earlier walks found: column -> is it numeric."""

    source: LineSource
    dialect: Dialect
    plan: dict[int, bool]
    header: list[str] | None = None
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: list[NumberColumn | TextColumn] = field(default_factory=list)
    rows: int = 0
    lines: int = 0
    width: int = 0
    _end_mark: bool = False

    def run(self) -> None:
        records = Records(self.source, self.dialect)
        self.header = records.header()
        if self.header == []:
            raise self._problem("files.header_blank", "files.other_header")
        if self.header is not None:
            self._start(len(self.header))
        for batch in records.batches(self.width or None):
            if not self.rows:
                self._first_row(batch)
            self._check_width(batch)
            self._add(batch)
        self.lines = records.line
        if not self.rows:
            raise self._no_rows()
        self._note_lines(records)

    def _start(self, width: int) -> None:
        self.width = width
        self.names, _ = column_names(self.header, width)

    def _first_row(self, batch: Batch) -> None:
        found = batch.rows[0]
        if self.header is None:
            self._start(len(found))
        # Some programs end every row, but not the header, with one more delimiter.
        self._end_mark = len(found) == self.width + 1 and not found[-1].strip()

    def _check_width(self, batch: Batch) -> None:
        if self._end_mark:
            for row in batch.rows:
                if len(row) == self.width + 1 and not row[-1].strip():
                    row.pop()
        if set(map(len, batch.rows)) == {self.width}:
            return
        bad = next(i for i, row in enumerate(batch.rows) if len(row) != self.width)
        raise FileProblem(
            say(
                "files.ragged",
                line=batch.line(bad),
                found=say_count("files.cells", len(batch.rows[bad])),
                expected=self.width,
            ),
            where=str(self.source.path),
            remedy=say("files.mend_row"),
        )

    def _add(self, batch: Batch) -> None:
        odd = self.source.odd_numbers
        across = list(zip(*batch.rows, strict=True))
        if not self.columns:
            self.columns = [self._column(i, cells, batch) for i, cells in enumerate(across)]
        else:
            for column, cells in zip(self.columns, across, strict=True):
                if isinstance(column, TextColumn):
                    column.add(cells)
                else:
                    column.add(cells, batch, odd)
        self.rows += len(batch.rows)

    def _column(
        self, index: int, cells: tuple[str, ...], batch: Batch
    ) -> NumberColumn | TextColumn:
        """A column that holds the first batch, of the sort that suits it."""
        name = self.names[index]
        said = must_be(name, self.dialect)
        settled = self.plan.get(index) if said is None else said
        if settled is not False:
            numbers = NumberColumn(name, self.dialect, forced=settled is True)
            numbers.add(cells, batch, self.source.odd_numbers)
            if not numbers.is_text:
                return numbers
        texts = TextColumn()
        texts.add(cells)
        return texts

    def disagreements(self) -> dict[int, bool]:
        """The columns whose later rows disagree with the first ones: index -> is it numeric."""
        found: dict[int, bool] = {}
        for index, column in enumerate(self.columns):
            if must_be(self.names[index], self.dialect) is not None or index in self.plan:
                continue
            if isinstance(column, NumberColumn):
                if column.is_text:
                    found[index] = False
            elif column.unreadable(self.dialect).is_number:
                found[index] = True
        return found

    def reading(self, size: int) -> Reading:
        """Everything gathered, as a dataset with its notes."""
        made = [
            finish(name, column, self.dialect)
            for name, column in zip(self.names, self.columns, strict=True)
        ]
        made = self._without_end_column(made)
        if self.header is not None:
            self.notes.extend(column_names(self.header[: len(made)], len(made))[1])
        numbers = [part.numbers for part in made if part.numbers is not None]
        self.notes.extend(note for part in made for note in part.notes)
        self._note_marks(numbers)
        refused = sorted((cell for column in numbers for cell in column.refused), key=_by_line)
        path = self.source.path
        return Reading(
            Dataset(tuple(part.column for part in made), path.name, str(path)),
            self.dialect,
            tuple(refused[:REFUSED_LISTED]),
            tuple(self.notes),
            sum(column.refused_count for column in numbers),
            self.lines,
            size,
        )

    def _without_end_column(self, made: list[Finished]) -> list[Finished]:
        """A delimiter at the end of every line makes a last column without a name or a cell."""
        named = self.header is not None and self.header[-1].strip() != ""
        nothing_there = len(made) > 1 and not named and made[-1].is_blank
        if nothing_there:
            made = made[:-1]
        if self._end_mark or nothing_there:
            self.notes.append(say("files.note_end_mark"))
        return made

    def _note_lines(self, records: Records) -> None:
        first = max(self.dialect.header_line - 1, 0)
        if not self.dialect.header_line:
            first = self.dialect.skip_lines
        if first:
            self.notes.append(say_count("files.note_skipped", first))
        below = self.dialect.skip_lines - self.dialect.header_line
        if self.dialect.header_line and below > 0:
            self.notes.append(say_count("files.note_skipped_below", below))
        if records.blank_lines:
            self.notes.append(say_count("files.note_blank_lines", records.blank_lines))
        if records.blank_cells:
            self.notes.append(say_count("files.note_blank_cells", records.blank_cells))
        if self.dialect.skip_blanks:
            self.notes.append(say("files.note_skip_blanks"))

    def _note_marks(self, numbers: list[NumberColumn]) -> None:
        unclear = next((c for c in numbers if c.triples is not None), None)
        if unclear is None or any(c.marks_are_clear for c in numbers):
            return
        example = unclear.triples or ""
        mark = self.dialect.thousands if self.dialect.thousands in example else ""
        key = "files.note_thousands" if mark else "files.note_decimal"
        self.notes.append(
            say(key, text=example, column=unclear.name, mark=mark or self.dialect.decimal)
        )

    def _no_rows(self) -> FileProblem:
        if self.header is None:
            return self._problem("files.nothing_below", "files.fewer_skipped")
        count = say_count("files.names", len(self.header))
        return self._problem("files.header_only", "files.add_rows", names=count)

    def _problem(self, key: str, remedy: str, **values: object) -> FileProblem:
        line = max(self.dialect.header_line, self.dialect.skip_lines)
        what = say(key, line=line, **values)
        return FileProblem(what, where=str(self.source.path), remedy=say(remedy))


def _by_line(cell: Refused) -> int:
    return cell.line
