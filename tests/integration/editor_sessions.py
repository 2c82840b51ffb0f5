#!/usr/bin/env python3
"""What docs/editors.md tells of editors on a terminal: the policy that is written from nothing in
Neovim, key by key, and what is seen after each; and the pictures of all of them, which are what
the screens show today. --update makes the pictures anew, to be looked at."""
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
sys.path[:0] = [os.path.join(HERE, "../support"), os.path.join(HERE, "../pictures")]
import drawing  # noqa: E402
import full_screen  # noqa: E402
import runner  # noqa: E402
from screen import Cell, Style  # noqa: E402

PAGE = os.path.join(ROOT, "docs/editors.md")
PICTURES = os.path.join(ROOT, "docs/pictures/editors")
EDITORS = os.path.join(ROOT, "editors")
NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
KEYS = {"CR": "\r", "Esc": "\x1b", "lt": "<"}
options = None


def page():
    with open(PAGE, encoding="utf-8") as text:
        return text.read()


def rows_of(heading):
    """(keys, pieces that are seen) of the table below a heading."""
    section = page().split("\n" + heading + "\n")[1].split("\n#")[0]
    for row in re.findall(r"^\| (`.*) \| (.*) \|$", section, re.M):
        yield "".join(re.findall(r"`([^`]*)`", row[0])), re.findall(r"`([^`]*)`", row[1])


def typed(keys):
    """The bytes of keys that are written as Vim has them."""
    return re.sub(r"<(C-(.)|[A-Za-z]+)>", lambda m: chr(ord(m.group(2).upper()) - 64) if m.group(2)
                  else KEYS[m.group(1)], keys)


def shown(folder, name):
    """The text of a file that the page shows."""
    return re.search(rf"^```rules {re.escape(name)}\n(.*?)^```$", page(), re.M | re.S).group(1)


def color(name):
    if name == "default":
        return None
    bright = name.startswith("bright")
    name = name.removeprefix("bright")
    if name in NAMES:
        return NAMES.index(name) + 8 * bright
    return "#" + name


def lines_of(program):
    """The screen, as tests/pictures draws it."""
    made = []
    for row in program.cells():
        line = [Cell(c.data, Style(color(c.fg), color(c.bg), c.bold, False, c.italics, c.underscore,
                                   c.reverse, c.strikethrough), 1 if c.data else 0) for c in row]
        made.append([cell._replace(width=2) if at + 1 < len(line) and not line[at + 1].text else cell
                     for at, cell in enumerate(line)])
    return made


def same_picture(name, program, title):
    """Holds a picture to the screen; what is behind a theme's back is not a colour of ours."""
    lines = lines_of(program)
    drawn = drawing.terminal(lines, program.screen.columns, title, "light")
    path = os.path.join(PICTURES, name)
    if options.update:
        with open(path, "w", encoding="utf-8") as out:
            out.write(drawn)
    with open(path, encoding="utf-8") as have:
        assert have.read() == drawn, f"{name} is not what is shown today: --update, and look at it"


def example(folder):
    shutil.copytree(os.path.join(ROOT, "examples"), folder + "/examples")
    return folder + "/examples"


def neovim(folder, width=96, height=22):
    """With what docs/editors.md says to write into init.lua."""
    lua = re.search(r"^```lua\n(.*?)^```$", page(), re.M | re.S).group(1)
    with open(folder + "/init.lua", "w", encoding="utf-8") as out:
        out.write(f'vim.opt.runtimepath:prepend("{EDITORS}/vim")\n{lua}')
    work = folder + "/work"
    os.makedirs(work)
    return full_screen.Program(["/usr/bin/nvim", "-u", folder + "/init.lua", "-i", "NONE", "-n", "--cmd",
                                "set background=light"], work,
                               width, height)


def a_policy_from_nothing_in_neovim(folder):
    count = 0
    with neovim(folder) as editor:
        editor.read()
        for keys, seen in rows_of("### A policy from nothing in Neovim"):
            editor.type(typed(keys))
            for piece in seen:
                assert editor.until(re.escape(piece), 20), (keys, piece, "\n".join(editor.screen.display))
            count += 1
            if keys.startswith(":PosternCheck"):
                same_picture("neovim.svg", editor, "Neovim: the rule that decides is lit")
    assert count > 8, count
    for name in ("hosts.rules", "mail.rules"):
        with open(f"{folder}/work/{name}", encoding="utf-8") as text:
            assert text.read() == shown(folder, name), name


def pictures(folder):
    work = example(folder)
    programs = {
        "vim.svg": (["/usr/bin/vim.nox", "-N", "-u", "NONE", "-i", "NONE", "-n", "--cmd",
                     f"set rtp^={EDITORS}/vim background=light laststatus=2 noruler", "--cmd", "filetype plugin on",
                     "--cmd", "syntax on", "mail.rules"], "Vim"),
        "emacs.svg": (["/usr/bin/emacs", "-nw", "-Q", "-L", EDITORS + "/emacs", "-l", "postern-mode", "--eval",
                       "(menu-bar-mode -1)", "mail.rules"], "Emacs"),
        "nano.svg": (["/usr/bin/nano", "--rcfile", EDITORS + "/nano/postern.nanorc", "mail.rules"], "nano")}
    for name, (words, title) in programs.items():
        with full_screen.Program(words, work, 112, 36) as editor:
            assert editor.until("RELAYCLIENT"), editor.screen.display
            editor.read(1.0)
            same_picture(name, editor, title)


def main():
    global options  # pylint: disable=global-statement
    options = runner.arguments(__doc__, lambda parser: parser.add_argument("--update", action="store_true"))
    os.environ["PATH"] = options.bin + ":" + os.environ["PATH"]
    return runner.run([a_policy_from_nothing_in_neovim, pictures], options.names)


if __name__ == "__main__":
    sys.exit(main())
