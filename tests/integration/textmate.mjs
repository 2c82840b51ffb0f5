// What a TextMate grammar makes of files: LINE FIRST BEHIND SCOPE..., counted from 1 in characters.
import fs from "node:fs";
import { createRequire } from "node:module";
const [grammar, ...files] = process.argv.slice(2);
const require = createRequire(process.cwd() + "/");
const oniguruma = require("vscode-oniguruma");
const { Registry, parseRawGrammar } = require("vscode-textmate");
await oniguruma.loadWASM(fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
const registry = new Registry({
  onigLib: Promise.resolve({ createOnigScanner: (p) => new oniguruma.OnigScanner(p),
    createOnigString: (s) => new oniguruma.OnigString(s) }),
  loadGrammar: async () => parseRawGrammar(fs.readFileSync(grammar, "utf8"), grammar),
});
const made = await registry.loadGrammar("source.postern");
const characters = (text) => [...text].length;
for (const file of files) {
  let state = null;
  console.log(`= ${file}`);
  fs.readFileSync(file, "utf8").split("\n").forEach((line, number) => {
    const told = made.tokenizeLine(line, state);
    state = told.ruleStack;
    for (const token of told.tokens)
      console.log([number + 1, characters(line.slice(0, token.startIndex)) + 1,
        characters(line.slice(0, token.endIndex)) + 1, ...token.scopes].join("\t"));
  });
}
