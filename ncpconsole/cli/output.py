"""The result of a command: an exit code, and lines for people (and screen readers) or JSON.

No control character that came from outside is printed.
"""

from __future__ import annotations

import codecs
import functools
import gettext
import io
import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, NoReturn
from unicodedata import east_asian_width

import click

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.process import drop
from ncpconsole.core.safe_text import cell_width, fit, safe_text
from ncpconsole.language import Sentence, shown, tr

GAP = "  "


class CommandFailed(click.ClickException):
    """Ends a command with one sentence on standard error and an exit code.

    With ``--json``, standard output gets ``document``, or the error as an object where there is none.
    """

    def __init__(
        self,
        sentence: str,
        code: int,
        *,
        document: dict[str, Any] | None = None,
        ncp_code: str = "",
        request_ids: tuple[str, ...] = (),
        as_json: bool | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.request_ids = request_ids
        self.document = document or error_document(sentence, ncp_code, request_ids)
        self._as_json = wants_json() if as_json is None else as_json

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click reads it from the instance or the class alike
        """The number the shell gets."""
        return int(self.code)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentence to standard error, or to ``file``; text from outside in it is made safe."""
        if self._as_json:
            print_json(self.document)
        line = f"ncpconsole: {safe_text(shown(self.message), limit=2000)}"
        if file is None:
            write(line, error=True)
        else:
            file.write(f"{line}\n")


class UsageRefused(click.UsageError):
    """A usage error that quotes nothing of what was typed: it may be a secret, and these lines are kept.

    With ``as_json``, standard output gets the error as an object.
    """

    def __init__(self, error: click.UsageError, *, as_json: bool) -> None:
        super().__init__(_unquoted(error), error.ctx)
        self._as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Write usage and sentence to standard error, or to ``file``."""
        if self._as_json:
            print_json(error_document(self.message))
        super().show(file)


def _unquoted(error: click.UsageError) -> str:
    """click's sentence without the word, option or value that was typed."""
    if isinstance(error, click.NoSuchOption):
        return _no_such_option(error)
    if error.message.startswith(_quotes(NO_SUCH_COMMAND)):
        return tr("There is no such command.")
    if error.message.startswith(_quotes(*EXTRA_WORDS)):
        return tr("There are more words than this command takes.")
    if isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter):
        sentence = VALUE.sub(tr("This"), " ".join(error.message.split()))
        error = click.BadParameter(sentence, error.ctx, error.param, error.param_hint)
    return " ".join(error.format_message().split())


def _no_such_option(error: click.NoSuchOption) -> str:
    ours = {name for each in root_parameters(error.ctx) for name in each.opts}
    is_ours = error.option_name in ours
    sentence = tr("No such option: {name}.", name=error.option_name) if is_ours else tr("No such option.")
    near = error.possibilities or ()
    if not near:
        return sentence
    meant = tr("Did you mean {names}?", names=", ".join(near))
    return f"{sentence} {meant}"


def _quotes(one: str, many: str = "") -> tuple[str, ...]:
    """How click's sentences of these messages begin in the language in force, up to what they quote."""
    said = [gettext.ngettext(one, many, number) for number in (1, 2)] if many else [gettext.gettext(one)]
    return tuple(each.partition("{")[0] for each in said)


def root_parameters(context: click.Context | None) -> list[click.Parameter]:
    """The options of the program itself, whose names are no secret."""
    return context.find_root().command.params if context else []


NO_SUCH_COMMAND = "No such command {name!r}."  # no message: click's
EXTRA_WORDS = (
    "Got unexpected extra argument ({args})",  # no message: click's
    "Got unexpected extra arguments ({args})",  # no message: click's
)
"""How click's sentences on words begin, in English."""
VALUE = re.compile(r"^(?:'.*'|\".*\"|\S+)(?= is not | 값은 )")
"""The value in click's sentences on values, in each language."""


def error_document(sentence: str, ncp_code: str = "", request_ids: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"error": {"message": sentence, "code": ncp_code or None, "requestId": next(iter(request_ids), None)}}


def wants_json() -> bool:
    """Whether the running command was asked for JSON."""
    context = click.get_current_context(silent=True)
    params = context.params if context is not None else {}
    return bool(params.get("as_json")) or "json" in {params.get("form"), params.get("output")}


FORMS = ("table", "json", "jsonl", "csv")


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that lists things ``--output`` and ``--json``, joined as its keyword argument ``form``."""

    @functools.wraps(command)
    def joined(*arguments: Any, as_json: bool, output: str | None, **given: Any) -> Any:
        if as_json and output not in {None, "json"}:
            raise click.UsageError(tr("--json and --output say different things."))
        return command(*arguments, form="json" if as_json else output or "table", **given)

    choice = click.option("--output", type=click.Choice(FORMS), metavar="FORM", help=f"{', '.join(FORMS)}.")
    return choice(click.option("--json", "as_json", is_flag=True, help=tr("The same as --output json."))(joined))


def print_records(form: str, records: Sequence[Mapping[str, Any]]) -> None:
    """Print records as JSON, as JSON Lines, or as a table for spreadsheets (``csv``), whose first line is the names.

    In a spreadsheet's cell a list is its parts with semicolons between, and what would be a formula begins with an
    apostrophe; whatever is nested deeper is JSON.
    """
    if form == "json":
        print_json(records)
    elif form == "jsonl":
        for record in records:
            write(json.dumps(record, ensure_ascii=True))
    elif records:
        import csv

        text = io.StringIO()
        names = list(dict.fromkeys(name for record in records for name in record))
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(names)
        lines.writerows([cell_text(record.get(name)) for name in names] for record in records)
        write(text.getvalue(), nl=False)


def cell_text(value: Any) -> str:
    """A value as a spreadsheet's cell; text from outside is made safe, and is no formula."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            safe = safe_text(value, limit=2000)
            return f"'{safe}" if safe[:1] in {"=", "+", "-", "@"} else safe
        case list() | tuple() if all(isinstance(part, str) for part in value):
            return cell_text("; ".join(value))
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=True) if value else ""
        case _:
            return str(value)


def fail(sentence: str, code: ExitCode = ExitCode.FAILURE, *, document: dict[str, Any] | None = None) -> NoReturn:
    """End the command: ``sentence`` says what is wrong and what to do; ``document`` as in `CommandFailed`."""
    raise CommandFailed(sentence, code, document=document)


_is_outlasting = False


@contextmanager
def outlasting_readers() -> Iterator[None]:
    """Within this, a stream that nobody takes is dropped, and the other one still written."""
    global _is_outlasting  # noqa: PLW0603 - the streams are the process's
    before, _is_outlasting = _is_outlasting, True
    try:
        yield
    finally:
        _is_outlasting = before


def write(text: str, *, error: bool = False, nl: bool = True) -> None:
    """Print lines that are safe already. Where the stream cannot be written, the command ends with 1."""
    try:
        # The stream is named, since click writes UTF-8 to one whose encoding is ASCII, of its own accord.
        click.echo(text, file=sys.stderr if error else sys.stdout, nl=nl)
    except OSError as failure:
        if _is_outlasting:
            drop(error=error)
        elif isinstance(failure, BrokenPipeError):
            raise  # the reader has enough, as `head` does
        else:
            if error:
                fail(tr("Standard error cannot be written: {why}.", why=failure.strerror))
            fail(tr("Standard output cannot be written: {why}.", why=failure.strerror))


def say(sentence: str, *, error: bool = False) -> None:
    """Print one sentence; text from outside in it is made safe."""
    write(safe_text(shown(sentence), limit=2000), error=error)


def say_done(sentence: str) -> None:
    """Print what was done: that nobody can read it undoes nothing, and makes it no failure."""
    with outlasting_readers():
        say(sentence)


def warn(sentence: str) -> None:
    """Print one sentence to standard error, where no script takes it for a result."""
    say(sentence, error=True)


def print_json(value: Any) -> None:
    """Print JSON in ASCII: any other character is escaped, so none acts on a terminal and none is lost."""
    write(json_text(value))


def json_text(value: Any) -> str:
    """What `json.dumps` writes with an indent of 2; for 10,000 servers in a quarter of its 0.4 s."""
    import msgspec  # 10 ms, and most commands print no JSON

    try:
        text = msgspec.json.format(msgspec.json.encode(value, enc_hook=_worded), indent=2).decode()
    except UnicodeError:
        return json.dumps(value, ensure_ascii=True, indent=2)  # half of a surrogate pair
    return text.replace("\x7f", r"\u007f").encode("ascii", ESCAPED).decode()


def _worded(value: object) -> str:
    """A sentence in the language in force, which for JSON is English but where --lang says another."""
    if isinstance(value, Sentence):
        return value.shown
    raise TypeError(f"{type(value).__name__} is no JSON")  # no message: a bug


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """The characters that an encoding lacks, as JSON escapes them."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


ESCAPED = "ncpconsole.json"
codecs.register_error(ESCAPED, _escaped)


LEAST_LAST = 24
"""Cells that the last column keeps while others can give way: it says what decides."""
LONG_FIRST = 24
"""Cells that the first column, a name, has before others give way for it."""
LEAST_FIRST = 12
"""Cells that the first column, a name, keeps."""


def terminal_width() -> int | None:
    """Cells of the terminal that standard output is; None for a pipe or a file, which get every line whole.

    Asked of the terminal itself: COLUMNS in the environment may be that of another one.
    """
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


def fitting(
    headings: Sequence[str], widths: Sequence[int], room: int | None, give_way: Sequence[str]
) -> list[tuple[int, int]]:
    """The columns to print, as index and width, so that a line fits into ``room`` cells (None: any line does).

    A long first one takes no column away: it is cut to `LONG_FIRST` cells before that. Columns go in the order of
    ``give_way`` until the last one has enough; then the first one is cut further, then the last.
    """
    kept = list(enumerate(widths))
    if room is None:
        return kept
    least = min(LEAST_LAST, widths[-1])
    going = [headings.index(name) for name in give_way if name in headings]
    over = max(0, widths[0] - LONG_FIRST)
    while going and _line_width(kept[:-1]) - over + len(GAP) + least > room:
        gone = going.pop(0)
        kept = [(index, width) for index, width in kept if index != gone]
    too_much = _line_width(kept[:-1]) + len(GAP) + least - room
    if too_much > 0 and len(kept) > 1:
        kept[0] = (kept[0][0], max(min(LEAST_FIRST, kept[0][1]), kept[0][1] - too_much))
    last = room - (_line_width(kept[:-1]) + len(GAP) if len(kept) > 1 else 0)
    kept[-1] = (kept[-1][0], max(1, min(kept[-1][1], last)))
    return kept


def _line_width(columns: Sequence[tuple[int, int]]) -> int:
    return sum(width for _, width in columns) + len(GAP) * max(0, len(columns) - 1)


def print_columns(headings: Sequence[str], rows: Iterable[Sequence[str]], *, give_way: Sequence[str] = ()) -> None:
    """Print aligned columns under headings, which are message ids, without lines or boxes; Hangul counts two cells.

    On a terminal a line is as wide as that: columns of ``give_way`` go first, then cells are cut with an ellipsis.
    """
    lines = [tuple(safe_text(shown(cell)) for cell in row) for row in rows]
    heads = tuple(map(tr, headings))
    widths = [max(map(cell_width, column)) for column in zip(heads, *lines, strict=True)]
    columns = fitting(headings, widths, terminal_width(), give_way)
    for line in (heads, *lines):
        write(GAP.join(fit(line[index], width) for index, width in columns).rstrip())


class CellFormatter(click.HelpFormatter):
    """Wraps help by cells of the terminal, where click counts letters: a Hangul syllable takes two.

    Behind each wide letter stands a mark while click counts, which is taken out of the result; a hyphen is another one
    meanwhile, or lines would end within the names of options.
    """

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, _counted(prefix or gettext.gettext("Usage:") + " "))

    def write_text(self, text: str) -> None:
        super().write_text(_counted(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(_counted(one), _counted(other)) for one, other in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """The text, as it is printed."""
        return super().getvalue().replace(SECOND_CELL, "").replace(KEPT_HYPHEN, "-")


SECOND_CELL, KEPT_HYPHEN = "\0", "\1"


def _counted(text: str) -> str:
    cells = (f"{letter}{SECOND_CELL}" if east_asian_width(letter) in "WF" else letter for letter in text)
    return "".join(cells).replace("-", KEPT_HYPHEN)


def say_behind(lead: str, sentence: str, *, indent: int) -> None:
    """Print one sentence behind what is safe already; on a terminal its lines end between words.

    The lines after the first one begin after ``indent`` cells. A word that is longer than a line, such as a path, stays
    in one piece, so that it can be copied.
    """
    text, width = safe_text(shown(sentence), limit=2000), terminal_width()
    if width is not None:
        lines = textwrap.TextWrapper(width, _counted(lead), " " * indent, break_long_words=False)
        lines.break_on_hyphens = False
        write(lines.fill(_counted(text)).replace(SECOND_CELL, "").replace(KEPT_HYPHEN, "-"))
    else:
        write(f"{lead}{text}")


def print_facts(facts: Iterable[tuple[str, str | Iterable[str]]]) -> None:
    """Print ``Name: value`` lines; several sentences become a line each, empty values are left out."""
    for name, value in facts:
        values = [value] if isinstance(value, str) else list(value)
        for text in values:
            if text:
                say_behind(f"{name}: ", text, indent=2)
