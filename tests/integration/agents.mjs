// What an agent's own client sees of postern mcp: agents.mjs PROGRAM FOLDER
// Prints a line of JSON, what it has counted; anything that is not as it should be throws.
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [program, folder] = process.argv.slice(2);
const transport = new StdioClientTransport({ command: program, args: ['mcp', '--root', folder] });
const client = new Client({ name: 'test', version: '1' });
await client.connect(transport);
const server = client.getServerVersion();
assert.equal(server.name, 'postern');
assert.match(client.getInstructions(), /data of whoever wrote the files/);

const { tools } = await client.listTools(); // its output schemas are kept, and held to answers
const policy = { path: 'smtp.rules' };
const text = { text: 'postern: 1\n10.0.0.0/8 : deny\n* : allow\n', name: 'new.rules' };
let answers = 0;
let errors = 0;

async function told(name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, JSON.stringify(result));
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  answers += 1;
  return result.structuredContent;
}

async function fault(name, args, reason) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(result.isError, JSON.stringify(result));
  assert.equal(result.structuredContent.error.reason, reason, JSON.stringify(result));
  errors += 1;
  return result.structuredContent.error;
}

async function refused(promise, code) {
  await assert.rejects(promise, (error) => error.code === code);
  errors += 1;
}

for (const given of [policy, text]) {
  const one = await told('check', { policy: given, address: '10.0.0.1', trace: true });
  assert.equal(one.decision.verdict, given === policy ? 'allow' : 'deny');
  await told('check', { policy: given, address: '10.0.0.0/7' });
  await told('check', { policy: given, address: '10.0.0.1', unknown: ['host', 'ident'] });
  const many = await told('check', { policy: given, clients: [{ address: '::1' }, { address: 'x' }] });
  assert.equal(many.answers.length, 2);
  await told('who', { policy: given, verdict: 'allow' });
  await told('who', { policy: given, variable: 'RELAYCLIENT' });
  await told('lint', { policy: given });
  await told('test', { policy: given, expectations: ['expect 10.0.0.1 : deny'], coverage: true, mutate: true });
  const wish = await told('propose', { policy: given, wish: ['expect 10.0.0.9 : allow, A="1"'] });
  assert.ok(wish.proposals.length);
}
await told('check', { policy, address: '10.0.0.1', why_not: 'smtp.rules:4' });
assert.equal((await told('diff', { old: policy, new: text })).result, 'mixed');
assert.equal((await told('explain', { codes: ['P202'] })).findings[0].name, 'covered');
assert.ok((await told('explain', {})).findings.length > 100);
assert.ok((await told('lint', { policy: { path: 'wrong.rules' } })).findings.length);

await fault('check', {}, 'bad-arguments');
assert.equal((await fault('check', { polcy: 1 }, 'bad-arguments')).near, 'policy');
await fault('check', { policy: { path: '../x' }, address: '::1' }, 'outside');
await fault('check', { policy: { path: 'none.rules' }, address: '::1' }, 'not-found');
await fault('check', { policy, address: 'nonsense' }, 'refused');
await fault('who', { policy }, 'bad-arguments');
await fault('diff', { old: policy, new: { path: 'wrong.rules' } }, 'does-not-compile');
await fault('test', { policy: { path: 'wrong.rules' } }, 'does-not-compile');
await fault('propose', { policy, wish: ['always * : deny'] }, 'refused');
await fault('explain', { codes: ['none'] }, 'refused');

const { resources } = await client.listResources();
assert.ok(resources.some((r) => r.name === 'smtp.rules'));
for (const resource of [resources[0], resources.at(-1)]) {
  const { contents } = await client.readResource({ uri: resource.uri });
  assert.ok(contents[0].text.length);
}
assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 3);
await refused(client.readResource({ uri: 'file:///etc/passwd' }), -32002);
await refused(client.readResource({ uri: 'postern://page/none' }), -32002);
await refused(client.callTool({ name: 'write', arguments: {} }), -32602);
await refused(client.listResources({ cursor: 'x' }), -32602);

// progress, a limit of time, and a call that is taken back
const long = {
  policy: { text: `postern: 1\n${'# a remark\n'.repeat(2500000)}* : allow\n` },
  wish: Array.from({ length: 2000 }, (_, n) => `expect 11.0.${n >> 8}.${n & 255} : ${n % 2 ? 'deny' : 'allow, A=""'}`),
};
let progress = 0;
const slow = await client.callTool({ name: 'propose', arguments: long }, undefined,
  { onprogress: () => { progress += 1; }, timeout: 60000 });
assert.equal(slow.structuredContent.error?.reason, 'time', JSON.stringify(slow).slice(0, 500));
assert.ok(progress > 3);
const stop = new AbortController();
const call = client.callTool({ name: 'propose', arguments: long }, undefined, { signal: stop.signal });
setTimeout(() => stop.abort('enough'), 500);
await assert.rejects(call);
await client.ping();
await client.close();
console.log(JSON.stringify({ tools: tools.length, answers, errors, progress }));
