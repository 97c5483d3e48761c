"""Texts about reading and writing files: templates by key."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    # what cannot be read
    "files.absent": "there is no such file",
    "files.check_name": "Check the name and the folder",
    "files.folder": "this is a folder",
    "files.not_a_file": "this is a device or a pipe, which can be read only once",
    "files.choose_file": "Choose a file",
    "files.reading_forbidden": "you may not read this file",
    "files.ask_for_reading": "Ask its owner for the right to read it, or copy it to a folder of "
    "yours",
    "files.unreadable": "the file cannot be read ({reason})",
    "files.copy_it": "Copy it to this computer and open the copy",
    "files.empty": "the file is empty",
    "files.choose_other": "Choose a file with a table in it",
    "files.binary": "this is not a text file",
    "files.readable": "EMDesk reads text tables: .csv, .tsv, .tab, .txt and .dat. Export the "
    "table as CSV",
    "files.unknown_format": "files ending in {suffix} cannot be read",
    "files.nul": "line {line} holds a NUL character, which no text does",
    "files.line_too_long": "line {line} does not end within 64 MB",
    "files.is_it_text": "Check that this is a text file and that the encoding is the right one",
    "files.undecodable": "line {line} holds the byte {byte}, which is no character in {encoding}",
    "files.choose_encoding": "Choose another encoding, such as cp1252 or utf-8",
    "files.unclosed_quote": "the quote that opens in line {line} is not closed before its cell "
    "ends",
    "files.close_quote": "Close or double the quote there, or choose another quote or delimiter",
    "files.ragged": "line {line} has {found} where {expected} are expected",
    "files.mend_row": "Mend that line, or choose another delimiter or first line",
    "files.cells.one": "{count} cell",
    "files.cells.many": "{count} cells",
    "files.header_only": "the file holds {names} and no rows",
    "files.names.one": "{count} column name",
    "files.names.many": "{count} column names",
    "files.add_rows": "Choose a file with rows below the names",
    "files.header_blank": "line {line}, which should hold the names, is blank",
    "files.other_header": "Choose the line that holds the names",
    "files.nothing_below": "there are no rows below line {line}",
    "files.fewer_skipped": "Skip fewer lines",
    "files.changed_meanwhile": "the file was changed while it was read",
    "files.open_again": "Open it again when it is finished",
    "files.cancelled": "reading was stopped",
    # a reader in a process of its own
    "files.child_died": "reading was broken off by the system (exit code {code})",
    "files.child_memory": "reading needs more than {megabytes} MB of memory",
    "files.child_slow": "reading was not done after {seconds} s",
    "files.smaller_file": "Close other programs, or split the file",
    # how to read
    "files.no_such_encoding": "there is no encoding called \u201c{name}\u201d",
    "files.some_encodings": "Choose one such as utf-8, cp1252, latin-1 or utf-16",
    "files.delimiter_is": "\u201c{delimiter}\u201d cannot separate columns",
    "files.some_delimiters": "Give one character, or tab, comma, semicolon, pipe or blanks",
    "files.decimal_is": "\u201c{decimal}\u201d cannot be the decimal mark",
    "files.some_decimals": "Give a point or a comma",
    "files.thousands_is": "\u201c{thousands}\u201d cannot be the thousands mark",
    "files.some_thousands": "Give one mark such as a comma, a point, a blank or an apostrophe",
    "files.same_marks": "\u201c{mark}\u201d is both the decimal and the thousands mark",
    "files.different_marks": "Give two different marks",
    "files.quote_is": "\u201c{quote}\u201d cannot be the quote",
    "files.some_quotes": "Give one character that is not the delimiter",
    "files.negative_line": "{number} is not the number of a line",
    "files.refused_choice": "\u201c{choice}\u201d is not what can become of the cells of {column}",
    # why a cell was refused
    "files.reason_not_number": "not a number",
    "files.reason_marks": "not a number with these decimal and thousands marks",
    "files.reason_percent": "a percentage",
    "files.reason_infinite": "infinite",
    "files.reason_too_large": "larger than any number that can be computed with",
    # names
    "files.column": "column {number}",
    "files.quoted": "\u201c{text}\u201d",
    "files.and_more": "{shown} and {count} more",
    "files.note_unnamed": "Columns without a name were called {names}.",
    "files.note_name_twice": "Names that come more than once were changed to {names}.",
    "files.note_name_blanks": "Blanks around these names were left out: {names}.",
    # notes
    "files.note_encoding": "The file is not UTF-8 and was read as {encoding}.",
    "files.note_skipped.one": "{count} line above the table was left out.",
    "files.note_skipped.many": "{count} lines above the table were left out.",
    "files.note_skipped_below.one": "{count} line below the names was left out.",
    "files.note_skipped_below.many": "{count} lines below the names were left out.",
    "files.note_blank_lines.one": "{count} blank line was left out.",
    "files.note_blank_lines.many": "{count} blank lines were left out.",
    "files.note_blank_cells.one": "{count} blank line was read as a missing cell.",
    "files.note_blank_cells.many": "{count} blank lines were read as missing cells.",
    "files.note_skip_blanks": "The blank after each delimiter was left out.",
    "files.note_end_mark": "Every line ends with a delimiter, which makes no further column.",
    "files.note_thousands": "\u201c{text}\u201d in {column} was read with \u201c{mark}\u201d as "
    "the thousands mark; "
    "no cell shows whether it is the decimal mark.",
    "files.note_decimal": "\u201c{text}\u201d in {column} was read with \u201c{mark}\u201d as "
    "the decimal mark; "
    "no cell shows whether it is the thousands mark.",
    "files.note_code.one": "{column} holds {code} in {count} cell, far from all others; if it "
    "means missing, "
    "add it to the missing words.",
    "files.note_code.many": "{column} holds {code} in {count} cells, far from all others; if it "
    "means missing, "
    "add it to the missing words.",
    "files.note_all_missing": "{column} has no values.",
    "files.note_identifier": "{column} is read as text: as a number \u201c{text}\u201d would "
    "lose digits.",
    "files.note_dates": "{column} is read as text: its cells are dates such as \u201c{text}\u201d.",
    "files.note_text": "{column} is read as text: {cells} cannot be read as numbers, such as "
    "\u201c{text}\u201d.",
    # what cannot be written
    "files.old_kept": "The file that was there is unchanged",
    "files.full": "there is no room left on the disk",
    "files.free_space": "Free some space, or choose another folder",
    "files.target_is_folder": "there is a folder of this name",
    "files.other_name": "Choose another name",
    "files.folder_is_file": "this is a file, not a folder",
    "files.no_folder": "there is no such folder",
    "files.other_folder": "Choose another folder",
    "files.writing_forbidden": "this place is protected against writing, or the file is open "
    "elsewhere",
    "files.unwritable": "the file cannot be written ({reason})",
    "files.cut_short": "{expected} bytes were sent and {found} arrived",
    # exported tables
    "files.label": "label",
    "files.probability": "probability_{number}",
    "files.noise": "noise",
    "files.uncertainty": "uncertainty",
    "files.name_taken": "{name} (EMDesk)",
    "resources.missing": "this file of the program is missing",
    "resources.install_again": "Install EMDesk again",
}
