"""Every exception EMDesk raises on purpose.

    EMDeskError
    +-- Problem                 what the person gave does not work        (exit status 2)
    |   +-- UsageProblem        an option, a name, a combination
    |   +-- SettingProblem      one setting outside its limits
    |   +-- DataProblem         columns or rows that do not fit the model
    |   +-- FileProblem         a file that cannot be read or written
    |       +-- OtherVersion    a saved fit that this version would not have made
    +-- FitFailure              the fit ended in a named failure           (exit status 3)
    |   +-- ObjectiveFell       an exact M-step lowered the objective
    |   +-- NothingSound        every start ended in a degenerate component
    +-- Cancelled               the person stopped it; never shown as a failure

Each carries four finished sentences' parts: *where*, *what* (with the value), *remedy* (what to do)
and *kept* (what was not lost). `sentence` puts them into one line for the command line.
"""

from __future__ import annotations


class EMDeskError(Exception):
    """The root: something with a sentence for the analyst."""

    exit_status = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "", kept: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy
        self.kept = kept

    @property
    def sentence(self) -> str:
        """One line: where: what. What to do. What was kept."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        parts = (part.rstrip(".") for part in (head, self.remedy, self.kept) if part)
        return ". ".join(parts) + "."


class Problem(EMDeskError):
    """What the person gave cannot be used; nothing was changed."""

    exit_status = 2


class UsageProblem(Problem):
    """An option, a name or a combination of them that does not exist."""


class SettingProblem(Problem):
    """One setting outside its limits; `setting` is its name."""

    def __init__(self, what: str, *, setting: str, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.setting = setting


class DataProblem(Problem):
    """Columns or rows that do not fit the model; `columns` names them."""

    def __init__(
        self, what: str, *, columns: tuple[str, ...] = (), where: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.columns = columns


class FileProblem(Problem):
    """A file that cannot be read or written; `where` names it."""


class OtherVersion(FileProblem):
    """A saved fit whose numbers do not mean here what they meant where it was made."""


class FitFailure(EMDeskError):
    """The fit ended in a named failure; the last sound iteration is kept."""

    exit_status = 3


class ObjectiveFell(FitFailure):
    """An M-step that promised to maximise lowered the objective beyond rounding."""


class NothingSound(FitFailure):
    """Every start ended in a degenerate component."""


class Cancelled(EMDeskError):
    """The person stopped the work."""
