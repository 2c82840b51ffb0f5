// Rule files in CodeMirror.
import { foldNodeProp, LanguageSupport, LRLanguage } from "@codemirror/language";
import { parser } from "./postern.parser.js";

export { parser };

// What stands between the braces; of a set that is open yet, all of it.
function inside(node, state) {
  const close = state.sliceDoc(node.from, node.to).lastIndexOf("}");
  return { from: node.from + 1, to: close < 0 ? node.to : node.from + close };
}

export const posternLanguage = LRLanguage.define({
  name: "postern",
  parser: parser.configure({ props: [foldNodeProp.add({ Braces: inside })] }),
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["{", '"'] } },
});

export const postern = () => new LanguageSupport(posternLanguage);
