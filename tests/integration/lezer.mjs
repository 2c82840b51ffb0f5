// What the Lezer grammar makes of files: LINE FIRST BEHIND CLASS, counted from 1 in characters; run in its package.
import fs from "node:fs";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";
import { parser } from "./src/postern.parser.js";

const style = tagHighlighter([["processingInstruction", "macro"], ["lineComment", "comment"], ["keyword", "keyword"],
  ["variableName", "variable"], ["operator", "operator"], ["number", "number"], ["typeName", "type"], ["atom", "enumMember"],
  ["propertyName", "property"], ["string", "string"]].map(([tag, name]) => ({ tag: tags[tag], class: name })));
for (const file of process.argv.slice(2)) {
  const text = fs.readFileSync(file, "utf8");
  console.log(`= ${file}`);
  const tree = parser.parse(text);
  highlightTree(tree, style, (from, to, name) => {
    const line = text.slice(0, from).split("\n").length;
    const start = text.lastIndexOf("\n", from - 1) + 1;
    const first = [...text.slice(start, from)].length + 1;
    console.log([line, first, first + [...text.slice(from, to)].length, name].join("\t"));
  });
}
