// What the package answers, in the form of tests/conformance/README.md. POSTERN_JS is the package.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const { open, parseAddress, PosternError } = createRequire(import.meta.url)(process.env.POSTERN_JS);
const NAMES = ['ok', 'arg', 'nomem', 'io', 'format', 'busy', 'version'];

const quoted = (bytes) => {
  let made = '"';
  for (const c of bytes) {
    made +=
      c < 32 || c > 126 || c === 34 || c === 92
        ? '\\u' + c.toString(16).padStart(4, '0')
        : String.fromCharCode(c);
  }
  return made + '"';
};
const member = (name, bytes) => (bytes === null ? '' : `,"${name}":${quoted(bytes)}`);
const pair = ({ nameBytes, valueBytes }) =>
  `[${quoted(nameBytes)},${valueBytes === null ? 'null' : quoted(valueBytes)}]`;
const bits = ({ host, ident }) => (host ? 1 : 0) + (ident ? 2 : 0);
const status = (problem) => {
  if (!(problem instanceof PosternError)) throw problem;
  return NAMES[problem.status];
};

const originOf = (rules, rule) => {
  if (rule === null) return '';
  let o;
  try {
    o = rules.origin(rule);
  } catch (problem) {
    return `,"rule":${rule},"origin":"${status(problem)}"`;
  }
  return (
    `,"rule":${rule},"identity":"${o.identity}"` +
    member('target', o.targetBytes) +
    member('file', o.fileBytes) +
    (o.line === null ? '' : `,"line":${o.line}`) +
    member('owner', o.ownerBytes) +
    member('ticket', o.ticketBytes) +
    (o.until === null ? '' : `,"until":${Number(o.until.replaceAll('-', ''))}`)
  );
};

const numbers = ({ n, per }) => `[${n},${per.v4},${per.v6}]`;

const penaltiesOf = ({ penalties, exempt }) => {
  const rows = exempt ? ['[0,0,0]'] : penalties.map((p) => `[${p.first},${p.last},${p.seconds}]`);
  return rows.length ? `,"penalties":[${rows.join(',')}]` : '';
};

const decided = (rules, query) => {
  let d;
  try {
    d = rules.decide(query);
  } catch (problem) {
    return `{"status":"${status(problem)}"`;
  }
  const { limit, limits, rate } = d;
  return (
    `{"status":"ok","verdict":"${d.verdict}","step":"${d.step}","ident_rule":${d.identRule}` +
    `,"env":[${d.assignments.map(pair).join(',')}]` +
    (limit ? `,"limit":${numbers(limit)}` : '') +
    (limits.length > 1 ? `,"limits":[${limits.map(numbers).join(',')}]` : '') +
    (rate ? `,"rate":[${rate.n},${rate.seconds},${rate.per.v4},${rate.per.v6}]` : '') +
    member('reject', d.rejectBytes) +
    penaltiesOf(d) +
    originOf(rules, d.rule)
  );
};

const needsOf = (rules, address) => {
  if (!address) return '';
  try {
    return `,"needs":${bits(rules.needs(address))}`;
  } catch (problem) {
    return `,"needs":"${status(problem)}"`;
  }
};

const field = (written) => {
  if (written === undefined || written === '-') return undefined;
  const plain = written.replace(/\\x(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
};

const read = (line) => {
  const [address, host, ident, text] = line.split('\t').map(field);
  const packed = address && parseAddress(address.toString('latin1'));
  return { address: packed ?? undefined, host, ident, text };
};

const time = (rules, queries, times) => {
  let denied = 0;
  const start = performance.now();
  for (let i = 0; i < times; i++) {
    for (const query of queries) denied += rules.decide(query).verdict === 'deny';
  }
  const rate = (queries.length * times * 1000) / (performance.now() - start);
  console.log(`${Math.round(rate)} a second, ${denied} denied`);
};

const words = process.argv.slice(2);
const image = readFileSync(words[words.length - 1]);
let rules;
try {
  rules = open(image, { verify: words.includes('--verify') });
} catch (problem) {
  const lacking = status(problem) === 'version' ? `,"lacking":${quoted(Buffer.from((problem.lacking ?? []).join(', ')))}` : '';
  console.log(`{"open":"${status(problem)}"${lacking}}`);
  process.exit(0);
}
const lines = readFileSync(0, 'latin1').split('\n');
lines.pop();
const timed = words.find((word) => word.startsWith('--time='));
if (timed) {
  const strings = lines.map((line) => line.split('\t')).map(([address, host]) => ({ address, host }));
  time(rules, strings, Number(timed.slice(7))); // as a server of Node has them
} else {
  const info = rules.info();
  let out = `{"open":"ok","format":"${info.format}","rules":${info.rules},"needs":${bits(info.needs)}}\n`;
  const flush = () => {
    for (let rest = Buffer.from(out); rest.length; ) rest = rest.subarray(writeSync(1, rest));
    out = '';
  };
  for (const line of lines) {
    const query = read(line);
    out += decided(rules, query) + needsOf(rules, query.address) + '}\n';
    if (out.length > 1 << 16) flush();
  }
  flush();
}
