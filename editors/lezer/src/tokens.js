// What stands at a place, of what may stand there: by patterns that are tried in order, on the rest of the line.
import { ExternalTokenizer } from "@lezer/lr";
import * as terms from "./postern.parser.terms.js";

const end = "(?=[ \\t\\r,:;#\"'{}\\[\\]()]|$)";
const rest = "[^ \\t\\r,:;#\"'{}\\[\\]()]*";
const ident = '(?:(?:[A-Za-z0-9_.+-]+|"(?:[^"\\\\]|\\\\.)*")@)';
const six = "[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*";
const name = "[A-Za-z_][A-Za-z0-9_]*";
const wordEnd = "(?![A-Za-z0-9_])";
const at = (source) => new RegExp("^(?:" + source + ")", "u");

const header = at("postern[ \\t]*:[ \\t]*(?:deny[ \\t]+)?[0-9]+(?=[ \\t\\r]*(?:#|$))");
const string = at("\"(?:[^\"\\\\]|\\\\.)*(?:\"|\\\\?$)|'[^']*(?:'|$)");
const first = [
  [terms.Set, at("set" + end)], [terms.Env, at("env" + end)], [terms.IncludeKeyword, at("include" + end)],
  [terms.ExpectKeyword, at("expect" + end)], [terms.AlwaysKeyword, at("always" + end)],
];
const left = [
  [terms.comma, at(",")], [terms.open, at("\\{")], [terms.close, at("\\}")],
  [terms.File, at("file" + end)], [terms.Except, at("except" + end)],
  [terms.Bound, at("at(?=[ \\t]+(?:least|most)[ \\t]+[0-9])|(?:least|most)(?=[ \\t]+[0-9])")],
  [terms.Address, at(`${ident}?(?:${six}(?:-${six}|/[0-9]+)?|\\[[0-9A-Fa-f:.]*\\](?:/[0-9]+)?)`)],
  [terms.colon, at(":")],
  [terms.SetReference, at(`${ident}?\\$${rest}`)], [terms.Host, at(`${ident}?=${rest}`)],
  [terms.Everybody, at(`${ident}?\\*${rest}`)],
  [terms.Address, at(`${ident}?[^! \\t\\r,:;#"'{}\\[\\]()]${rest}`)],
  [terms.String, string], [terms.Not, at("!")],
];
const right = [
  [terms.comma, at(",")], [terms.Variable, at(name + "(?==[\"'])")], [terms.Verdict, at("(?:allow|deny|block)" + wordEnd)],
  [terms.By, at("by" + wordEnd)],
  [terms.Keyword, at(`(?:limit|rate|per|reject|until|owner|ticket|penalty|signal|no[ \\t]+penalty|assuming[ \\t]+no[ \\t]+(?:host|ident))${wordEnd}`)],
  [terms.Reference, at("\\$" + name)], [terms.Unset, at("!" + name)],
  [terms.Amount, at("/?[0-9][^ \\t\\r,#\"']*(?:,/[0-9]+)?")], [terms.String, string], [terms.sign, at("=")],
  [terms.odd, at(`${name}|[^ \\t\\r,#]`)],
];
const signs = left.filter(([term]) => [terms.comma, terms.colon, terms.open, terms.close].includes(term));
const named = [[terms.SetName, at(name)], [terms.Equals, at("=")], [terms.odd, at("[^ \\t\\r#]")]];
const key = "(?:[^:]|:(?!allow|deny))";
const line = [
  [terms.ClassicComment, at("#.*")], [terms.ClassicEverybody, at(":(?=allow|deny)")],
  [terms.ClassicHost, at(`(?:[^:@]*@)?=${key}*(?=:(?:allow|deny))`)],
  [terms.ClassicAddress, at(`${key}+(?=:(?:allow|deny))`)], [terms.skipped, at(".+")],
];
const values = [[terms.ClassicValue, /^(?:([^])[^]*?\1|.+)/u]];
const steps = [
  [terms.classicColon, at(":")], [terms.ClassicVerdict, at("allow|deny")], [terms.classicComma, at(",(?=[^=]+=)")],
  [terms.ClassicVariable, at("[^=]+(?==)")], [terms.classicSign, at("=")],
];

const next = at(`(?:set|env|include|expect|always)${end}|[^#"']*:[ \\t]*(?:allow|deny|block)${wordEnd}`);
const strays = [[terms.stray, at(".+")]];

// The rest of the line.
function ahead(input) {
  let text = "";
  for (let i = 0, code; (code = input.peek(i)) !== -1 && code !== 10; i++) text += String.fromCharCode(code);
  return text;
}

// Whether nothing but blanks stands before it in its line.
function begins(input) {
  let back = -1;
  while (input.peek(back) === 32 || input.peek(back) === 9) back--;
  return input.peek(back) === 10;
}

function take(input, stack, text, rules) {
  for (const [term, pattern] of rules) {
    if (!stack.canShift(term)) continue;
    const found = pattern.exec(text);
    if (found && found[0]) {
      input.acceptToken(term, found[0].length);
      return true;
    }
  }
  return false;
}

export const tokens = new ExternalTokenizer((input, stack) => {
  const ended = input.next === -1; // which ends a statement, too
  if (ended || input.next === 10) {
    const term = [terms.lineEnd, ended ? terms.classicDone : terms.classicEnd].find((one) => stack.canShift(one));
    if (term && !(ended && term === terms.lineEnd && stack.canShift(terms.Set))) input.acceptToken(term, ended ? 0 : 1);
    return;
  }
  const text = ahead(input);
  if (begins(input)) {
    // a set that was left open has ended before this line, and its statement with it
    if (stack.canShift(terms.unclosed) && next.test(text)) return void input.acceptToken(terms.unclosed, 0);
    if (stack.canShift(terms.lineEnd) && !stack.canShift(terms.Set)) return void input.acceptToken(terms.lineEnd, 0);
  }
  if (stack.canShift(terms.Header)) {
    if (/^(?:[ \t\r\uFEFF]|#)/u.test(text)) return;
    if (!take(input, stack, text, [[terms.Header, header]])) input.acceptToken(terms.classicStart, 0);
    return;
  }
  // a rule might end behind a verdict, but its line does not
  if ([terms.classicColon, terms.ClassicVerdict, terms.classicComma, terms.ClassicVariable, terms.classicSign]
    .some((term) => stack.canShift(term))) {
    if (!take(input, stack, text, steps)) take(input, stack, text, strays);
  } else if (stack.canShift(terms.ClassicAddress)) take(input, stack, text, line);
  else if (stack.canShift(terms.ClassicValue)) take(input, stack, text, values);
  else if (stack.canShift(terms.Set) && take(input, stack, text, first)) return;
  else if (stack.canShift(terms.SetName)) take(input, stack, text, named);
  else if (stack.canShift(terms.Verdict)) take(input, stack, text, right);
  else if (stack.canShift(terms.Address) || stack.canShift(terms.close)) take(input, stack, text, left);
  else take(input, stack, text, [...named, ...signs]);
}, { contextual: true, fallback: false });
