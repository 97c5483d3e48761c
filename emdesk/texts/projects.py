"""Texts about project files."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "project.damaged": "this is not a whole EMDesk project; it may have been cut off while copying",
    "project.try_copy": "Try another copy of the file, or open the data file it was made from",
    "project.newer": "this project has format {format}, and this EMDesk reads up to {known}",
    "project.update": "Open it with a newer EMDesk",
    "project.other_version": (
        "another version of EMDesk made {name}; model and data are kept: run again"
    ),
    "project.the_fit": "the fit",
    "project.kept_fit": "the kept fit {name}",
    "project.fits_of_grid.one": "one fit of the grid of models",
    "project.fits_of_grid.many": "{count} fits of the grid of models",
    "project.fit_of_group": "the fit of {group}",
    "project.readme": (
        "This is an EMDesk project: a zip archive.\n\n"
        "project.json  the model, how the file was read, and the results, by name\n"
        "arrays.npz    the columns of the data and the parameters, for numpy.load\n\n"
        "It holds numbers and names only, and nothing in it is ever run.\n"
    ),
}
