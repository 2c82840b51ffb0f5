// Edits of files, after each of which the tree that reuses the one before has to be as one that is made anew; and the
// language in a state of CodeMirror. Run in the package of the grammar: SEED COUNT FILE...
import fs from "node:fs";
import { ensureSyntaxTree, foldable } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { TreeFragment } from "@lezer/common";
import { parser, postern } from "./src/index.js";

let seed = Number(process.argv[2]);
const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
const pieces = ["\n", ",", ":", "{", "}", '"', "#", " ", "set a = {\n", "10.0.0.1", "$a", "=", "allow", "postern: 1\n", "::1", "@", "!", "'"];
const shape = (tree) => {
  const made = [];
  tree.iterate({ enter: (node) => void made.push(`${node.name}:${node.from}-${node.to}`) });
  return made.join(" ");
};
let edits = 0;
for (const file of process.argv.slice(4)) {
  let text = fs.readFileSync(file, "utf8").repeat(4);
  let tree = parser.parse(text);
  let fragments = TreeFragment.addTree(tree);
  for (let n = 0; n < Number(process.argv[3]); n++, edits++) {
    const from = random(text.length + 1);
    const to = Math.min(text.length, from + (random(3) ? 0 : random(12)));
    const put = random(4) ? pieces[random(pieces.length)] : "";
    const changed = text.slice(0, from) + put + text.slice(to);
    fragments = TreeFragment.applyChanges(fragments, [{ fromA: from, toA: to, fromB: from, toB: from + put.length }]);
    tree = parser.parse(changed, fragments);
    fragments = TreeFragment.addTree(tree, fragments);
    const [reused, anew] = [shape(tree), shape(parser.parse(changed))];
    if (reused !== anew) {
      const at = [...reused].findIndex((letter, index) => letter !== anew[index]);
      throw new Error(`${file}, edit ${n} at ${from}: ${reused.slice(at - 60, at + 80)}\nnot ${anew.slice(at - 60, at + 80)}`);
    }
    text = changed;
  }
}
const doc = 'postern: 1\nset a = {\n    10.0.0.1\n}\n$a : allow, B="1"\n';
const state = EditorState.create({ doc, extensions: [postern()] });
const whole = ensureSyntaxTree(state, doc.length, 10000).toString();
if (whole !== "Rules(Extended(Header,SetDefinition(Set,SetName,Equals,Braces(Address)),Rule(SetReference,Verdict,Variable,String)))")
  throw new Error(whole);
const line = state.doc.line(2);
const fold = foldable(state, line.from, line.to);
if (state.languageDataAt("commentTokens", 3)[0].line !== "#" || fold?.from !== line.to) throw new Error(JSON.stringify(fold));
console.log(`${edits} edits`);
