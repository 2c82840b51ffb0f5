#!/usr/bin/env python3
"""What vim, neovim, emacs and nano show of the files of editors/corpus, held to its tables; and
what else their modes give: the type of a file by its name, its header and its text, comments, the
layout, and the linter."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import full_screen  # noqa: E402
import highlighting  # noqa: E402
import runner  # noqa: E402

VIM = os.path.join(highlighting.EDITORS, "vim")
EMACS = os.path.join(highlighting.EDITORS, "emacs")
NANO = os.path.join(highlighting.EDITORS, "nano/postern.nanorc")
GROUPS = {
    "comment": ["posternComment"], "macro": ["posternHeader"],
    "keyword": ["posternKeyword", "posternWord", "posternBy"],
    "variable": ["posternSet", "posternGroup", "posternDefined", "posternDefinedEnv"],
    "number": ["posternAddress", "posternAmount"], "type": ["posternHost"],
    "operator": ["posternSign", "posternSignEnv", "posternStar", "posternNot"],
    "enumMember": ["posternVerdict"], "property": ["posternVariable"],
    "string": ["posternString", "posternStringOpen", "posternEscape"]}
FACES = {
    "comment": ["font-lock-comment-face"], "macro": ["font-lock-preprocessor-face"],
    "keyword": ["font-lock-keyword-face"], "variable": ["font-lock-variable-name-face"],
    "number": ["postern-address"], "type": ["font-lock-type-face"], "operator": ["postern-operator"],
    "enumMember": ["postern-verdict"], "property": ["postern-setting"],
    "string": ["font-lock-string-face"]}
COLORS = {
    "comment": ["green"], "macro": ["brightmagenta"], "keyword": ["brightblue"],
    "variable": ["brightcyan"], "number": ["cyan"], "type": ["magenta"], "operator": ["brown"],
    "enumMember": ["brightbrown"], "property": ["blue"], "string": ["red"]}
# nano looks at one line, and paints over: what it cannot tell
NANO_MAY = (
    ("begun.rules", 2, "1x"), ("begun.rules", 3, "10.1.0.0/16"), ("begun.rules", 3, "deny"),
    ("begun.rules", 4, "*"), ("begun.rules", 4, "allow"), ("begun.rules", 4, "A"),
    ("begun.rules", 4, '"b"'), ("begun.rules", 10, "#.2"), ("begun.rules", 10, ":"),
    ("begun.rules", 10, "deny"), ("broken.rules", 2, "1"), ("broken.rules", 4, "="),
    ("broken.rules", 5, "allow"), ("broken.rules", 7, "allow"), ("broken.rules", 9, "set"),
    ("broken.rules", 13, "$"), ("broken.rules", 14, "allow"), ("broken.rules", 29, "file"),
    ("classic.rules", 7, "A"), ("classic.rules", 7, "="), ("classic.rules", 7, "/b"),
    ("classic.rules", 7, ","), ("classic.rules", 7, "D"), ("classic.rules", 7, "="),
    ("classic.rules", 14, "#"), ("classic.rules", 17, "set"), ("classic.rules", 18, "$name"),
    ("classic.rules", 19, "E"), ("classic.rules", 19, "="), ("classic.rules", 19, "xfx"))
options = None


def classes(table):
    return {name: kind for kind, names in table.items() for name in names}


def dumped(text, table):
    """name: runs, of what the scripts beside this print."""
    kinds, made = classes(table), {}
    for row in text.splitlines():
        if row.startswith("= "):
            _, name, mode = row.split()
            assert mode.startswith("postern"), row
            runs = made[name] = []
            continue
        line, first, behind, group = row.split("\t")
        runs.append((int(line), int(first), int(behind), kinds.get(group, group)))
    return made


def corpus():
    return [highlighting.path(name) for name in highlighting.names()]


def run(words, folder, **env):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, "HOME": folder, "LC_ALL": "C.UTF-8",
                               "PATH": options.bin + ":" + os.environ["PATH"], **env})
    assert done.returncode == 0, (words[0], done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def vim_words(program):
    quiet = ["--headless"] if "nvim" in program else ["-es"]
    return [program, "-N", "-u", "NONE", "-i", "NONE", "-n", *quiet, "--cmd", f"set rtp^={VIM} enc=utf-8",
            "--cmd", "filetype plugin on", "--cmd", "syntax on"]


def vim_shows(program, folder):
    out = os.path.join(folder, "out")
    run([*vim_words(program), *corpus(), "-S", os.path.join(HERE, "highlighted.vim")], folder,
        POSTERN_OUT=out)
    with open(out, encoding="utf-8") as text:
        made = dumped(text.read(), GROUPS)
    assert not highlighting.failures(program, made.get)


def in_vim(folder):
    vim_shows("/usr/bin/vim.nox", folder)


def in_neovim(folder):
    vim_shows("/usr/bin/nvim", folder)


def emacs_words():
    return ["/usr/bin/emacs", "-Q", "--batch", "-L", EMACS, "-l", "postern-mode"]


def in_emacs(folder):
    made = dumped(run([*emacs_words(), "-l", os.path.join(HERE, "highlighted.el"), *corpus()], folder),
                  FACES)
    assert not highlighting.failures("emacs", made.get)


def nano_shows(name):
    """What nano paints, by the cells of its screen. Wide characters take two of them."""
    kinds, text = classes(COLORS), highlighting.lines(name)
    width = max(map(len, text)) + 10
    with full_screen.Program(["/usr/bin/nano", "--rcfile", NANO, "--view", highlighting.path(name)],
                             highlighting.CORPUS, width, len(text) + 8) as nano:
        assert nano.until("Exit"), nano.screen.display
        rows = nano.cells()
    assert not any("rror" in "".join(c.data for c in row) for row in rows[len(text) + 1:])
    for number, line in enumerate(text, 1):
        cells = [cell for cell in rows[number] if cell.data]
        assert "".join(c.data for c in cells).startswith(line), (number, line)
        for column, cell in enumerate(cells[:len(line)], 1):
            if cell.fg != "default":
                color = ("bright" if cell.bold else "") + cell.fg
                yield number, column, column + 1, kinds.get(color, color)


def in_nano(_):
    assert not highlighting.failures("nano", nano_shows, NANO_MAY)


def written(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


# files by their names, header and text; those of udev and of others are left to them
TYPES = {
    "a.rules": (True, "postern: 1\n* : deny\n"), "b.rules": (True, "# a\n\n10.:allow\n"),
    "new.rules": (True, ""), "tcp.smtp": (True, ":allow\n"), "by_header": (True, "postern: 1\n"),
    "postern:deny": (True, "# hm\npostern:deny 1\n* : deny\n"), "plain.txt": (False, "10.:allow\n"),
    "udev/70.rules": (False, 'KERNEL=="sd*", MODE="0660"\n'), "udev/new.rules": (False, ""),
    "snort.rules": (False, "alert tcp any any -> any 80 (msg:\"x\";)\n")}


def types_in_vims(folder):
    for program in ("/usr/bin/vim.nox", "/usr/bin/nvim"):
        for name, (ours, text) in TYPES.items():
            out = os.path.join(folder, "out")
            run([*vim_words(program), written(folder, name, text),
                 "-c", f"call writefile([&filetype, &commentstring], '{out}')", "-c", "qall!"], folder)
            with open(out, encoding="utf-8") as told:
                told = told.read().splitlines()
            assert (told[0] == "postern") == ours, (program, name, told)
            assert not ours or told[1] == "# %s", (program, name, told)


def types_in_emacs(folder):
    for name, (ours, text) in TYPES.items():
        if name == "udev/new.rules":  # of an empty file its name is all that there is
            continue
        told = run([*emacs_words(), written(folder, name, text), "--eval", "(princ major-mode)"], folder)
        assert (told == "postern-mode") == ours, (name, told)


BAD = "postern: 1\n10.1. : alow\n* : deny\n"
LOOSE = "postern: 1\n# a\n10.1. :   allow\nset a = {  10.2.0.0/16\n}\n* : deny\n"


def layout_and_linter_in_vims(folder):
    want = laid_out(folder)
    for program in ("/usr/bin/vim.nox", "/usr/bin/nvim"):
        loose, bad = written(folder, "loose.rules", LOOSE), written(folder, "bad.rules", BAD)
        run([*vim_words(program), loose, "-c", "normal gggqG", "-c", "write", "-c", "edit! " + bad,
             "-c", "silent! make!", "-c", "call writefile(map(getqflist(), "
             "{_, i -> join([bufname(i.bufnr), i.lnum, i.col, i.type, i.text])}), 'fixes')",
             "-c", "normal gggqG", "-c", "write! kept.rules", "-c", "qall!"], folder)
        assert read(loose) == want, program
        assert read(os.path.join(folder, "kept.rules")) == BAD, program  # what is no rules stays
        told = read(os.path.join(folder, "fixes"))
        assert "bad.rules 2 9 e this is no verdict" in told.replace(" E ", " e "), told


def layout_and_linter_in_emacs(folder):
    want = laid_out(folder)
    loose, bad = written(folder, "loose.rules", LOOSE), written(folder, "bad.rules", BAD)
    told = run([*emacs_words(), loose, "--eval",
                "(progn (goto-char (point-max)) (postern-format-buffer) (save-buffer) (princ compile-command))"],
               folder)
    assert read(loose) == want and told == "postern lint --format gcc loose.rules", told
    told = run([*emacs_words(), bad, "--eval", "(condition-case e (postern-format-buffer) (error (princ e)))",
                "--eval", "(comment-region (point-min) (point-max))", "--eval", "(princ (buffer-string))"],
               folder)
    assert "this is no verdict" in told and told.endswith("# postern: 1\n# 10.1. : alow\n# * : deny\n"), told
    told = run([*emacs_words(), bad, "--eval", """(progn (require 'compile)
        (let ((compilation-buffer (compile compile-command)))
          (while (process-live-p (get-buffer-process compilation-buffer)) (accept-process-output nil 0.1))
          (with-current-buffer compilation-buffer (goto-char (point-min)) (compilation-next-error 1)
            (princ (buffer-substring (point) (line-end-position))))))"""], folder)
    assert told.endswith(": error: this is no verdict" + told.split("this is no verdict")[-1]), told
    run(["/usr/bin/emacs", "-Q", "--batch", "--eval", "(setq byte-compile-error-on-warn t)", "--eval",
         f"(setq byte-compile-dest-file-function (lambda (_) {elisp(folder + '/x.elc')}))",
         "-f", "batch-byte-compile", os.path.join(EMACS, "postern-mode.el")], folder)


def elisp(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def laid_out(folder):
    done = subprocess.run([options.bin + "/postern", "fmt", "-"], input=LOOSE, capture_output=True, text=True,
                          check=True, cwd=folder)
    assert done.stdout != LOOSE
    return done.stdout


def changes_are_followed(folder):
    """A comma more makes lines a part of a statement, a header makes a file another."""
    classic = written(folder, "a.rules", "10.1.2.3:deny\n:allow\n")
    asks = ("[synIDattr(synID({0}, {1}, 1), 'name')]", "(goto-line {0})(forward-char {1})")
    for program in ("/usr/bin/vim.nox", "/usr/bin/nvim"):
        run([*vim_words(program), classic, "-c", "call setline(1, ['postern: 1', '10.1.2.3:deny', '*:allow'])",
             "-c", "doautocmd TextChanged", "-c", f"call writefile({asks[0].format(1, 1)} + {asks[0].format(3, 1)}"
             ", 'told')", "-c", "qall!"], folder)
        assert read(folder + "/told").split() == ["posternHeader", "posternStar"], read(folder + "/told")
    told = run([*emacs_words(), classic, "--eval", """(progn (font-lock-ensure) (goto-char (point-min))
        (insert "postern: 1\n192.0.2.1\n") (font-lock-ensure) (princ (get-text-property 1 'face))
        (goto-char 21) (insert ",") (font-lock-ensure) (goto-char 23)
        (princ (list (get-text-property (point) 'face)))
        (search-forward "deny") (princ (get-text-property (1- (point)) 'face)))"""], folder)
    assert told == "font-lock-preprocessor-face(postern-address)postern-verdict", told


def layout_and_linter_in_nano(folder):
    want = laid_out(folder)
    for name, text, keys, seen in (("loose.rules", LOOSE, "\x14\x0f", want.splitlines()),
                                   ("bad.rules", BAD, "\x14\x19", ["error: this is no verdict"])):
        written(folder, name, text)
        with full_screen.Program(["/usr/bin/nano", "--rcfile", NANO, name], folder, 100, 20,
                                 PATH=options.bin + ":/usr/bin:/bin") as nano:
            assert nano.until("Exit")
            for key in keys:
                nano.type(key)
            for line in seen:
                assert nano.until(re.escape(line)), (line, nano.screen.display)


EGLOT = """(progn (package-initialize) (require 'eglot)
  (find-file "bad.rules") (apply #'eglot (eglot--guess-contact))
  (let ((n 0)) (while (and (< n 300) (not (flymake-diagnostics))) (accept-process-output nil 0.1)
                 (setq n (1+ n))))
  (princ (mapconcat #'flymake-diagnostic-text (flymake-diagnostics) " "))
  (goto-char (point-min)) (search-forward "alow") (replace-match "allow") (eglot--signal-textDocument/didChange)
  (postern-check-client "10.1.2.3")
  (princ (mapcar (lambda (o) (line-number-at-pos (overlay-start o)))
                 (seq-filter (lambda (o) (overlay-get o 'postern)) (overlays-in (point-min) (point-max)))))
  (postern-forget-check) ; those of flymake stay until the server tells of the change
  (princ (seq-filter (lambda (o) (overlay-get o 'postern)) (overlays-in (point-min) (point-max)))))"""


def the_server_in_emacs(folder):
    """eglot starts it; what is wrong is told, and of a client's answer the rule is lit."""
    written(folder, "bad.rules", BAD)
    told = run(["/usr/bin/emacs", "-q", "--batch", "-L", EMACS, "-l", "postern-mode", "--eval",
                "(require 'package)", "--eval", EGLOT], folder)
    assert "this is no verdict" in told and told.endswith("(2)nil"), told


TESTS = [layout_and_linter_in_nano, the_server_in_emacs, types_in_vims, types_in_emacs, layout_and_linter_in_vims, layout_and_linter_in_emacs,
         changes_are_followed, in_vim, in_neovim, in_emacs, in_nano]


def main():
    global options  # pylint: disable=global-statement
    options = runner.arguments(__doc__)
    return runner.run(TESTS, options.names)


if __name__ == "__main__":
    sys.exit(main())
