"""The structs of the module are those of the headers: sizes, and where each field is."""
import ctypes
import os
import re
import subprocess

import postern
from support import Case, HERE

TOP = os.path.join(HERE, "..", "..", "..")
INCLUDES = [os.path.join(TOP, "runtime/include"), os.path.join(TOP, "library/include")]


def name_in_c(kind):
    """_LintOptions is struct postern_lint_options."""
    return "postern" + re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(),
                              kind.__name__.lstrip("_"))


class Layout(Case):
    def test_structs(self):
        kinds = [kind for kind in vars(postern).values()
                 if isinstance(kind, type) and issubclass(kind, ctypes.Structure)]
        self.assertGreater(len(kinds), 20)
        lines, want = [], []
        for kind in kinds:
            name = name_in_c(kind)
            lines.append(f'printf("%zu\\n", sizeof(struct {name}));')
            want.append((name, "", ctypes.sizeof(kind)))
            for field, *_ in kind._fields_:
                lines.append(f'printf("%zu\\n", offsetof(struct {name}, {field}));')
                want.append((name, field, getattr(kind, field).offset))
        with open(self.path("layout.c"), "w", encoding="ascii") as out:
            out.write("#include <postern/postern.h>\n#include <postern/compiler.h>\n"
                      "#include <stddef.h>\n#include <stdio.h>\nint main(void) {\n"
                      + "\n".join(lines) + "\nreturn 0; }\n")
        subprocess.run(["cc", *(f"-I{folder}" for folder in INCLUDES), self.path("layout.c"), "-o",
                        self.path("layout")], check=True)
        told = subprocess.run([self.path("layout")], capture_output=True, text=True, check=True)
        for (name, field, ours), theirs in zip(want, told.stdout.split(), strict=True):
            self.assertEqual(ours, int(theirs), (name, field))

    def test_constants(self):
        """Each enumerator of the headers that the module has is what it is there."""
        text = ""
        for folder in INCLUDES:
            for name in sorted(os.listdir(os.path.join(folder, "postern"))):
                with open(os.path.join(folder, "postern", name), encoding="utf-8") as header:
                    text += re.sub(r"/\*.*?\*/", "", header.read(), flags=re.S)
        found = dict(re.findall(r"POSTERN_(\w+)\s*=\s*(\d+(?:u << \d+)?)", text))
        values = {name: eval(value.replace("u", "")) for name, value in found.items()}
        checked = 0
        for prefix, kind in (("E_", postern.Status), ("STEP_", postern.Step), ("", postern.Verdict),
                             ("NEEDS_", postern.Need), ("FORMAT_", postern.FileFormat),
                             ("", postern.Severity), ("SERVER_", postern.Server),
                             ("", postern.Effect), ("", postern.Direction),
                             ("SYMBOL_", postern.SymbolKind)):
            for member in kind:
                name = member.name if member.name == "OK" else prefix + member.name
                if (prefix, member.name) not in (("NEEDS_", "NOTHING"), ("SERVER_", "UNKNOWN")):
                    self.assertEqual(values[name], member.value, name)
                    checked += 1
        self.assertGreater(checked, 40)

    def test_functions(self):
        """All public functions are there, but for what Python does by itself."""
        unused = {"postern_rules_open_at", "postern_addr_spell", "postern_step_text",
                  "postern_rules_decide_many"}
        declared = set()
        for path in ("runtime/libpostern.symbols", "library/libpostern-compiler.symbols"):
            with open(os.path.join(TOP, path), encoding="ascii") as names:
                declared |= {line.strip() for line in names if not line.startswith("#")}
        self.assertEqual(declared - unused, set(postern._RUNTIME) | set(postern._COMPILER))
