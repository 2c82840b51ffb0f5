// The package as its users have it: POSTERN_JS is its folder, POSTERN_IMAGES are compiled files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

const folder = path.resolve(process.env.POSTERN_JS);
const required = createRequire(import.meta.url)(folder);
const { open, parseAddress, PosternError, Rules, STATUS } = required;
const image = (name) => readFileSync(path.join(process.env.POSTERN_IMAGES, name + '.cdb'));
const native = image('native');
const refuses = (status, call) =>
  assert.throws(call, (problem) => {
    assert.ok(problem instanceof PosternError && problem instanceof Error, String(problem));
    assert.equal(problem.name, 'PosternError');
    assert.equal(problem.code, status);
    assert.equal(problem.status, STATUS[status]);
    return true;
  });
const turn = () => new Promise((done) => setImmediate(done));

test('both kinds of modules are one in Node, and a browser has its own', async () => {
  const node = await import(pathToFileURL(path.join(folder, 'node.mjs')));
  assert.equal(node.PosternError, PosternError);
  const browser = await import(pathToFileURL(path.join(folder, 'index.mjs')));
  assert.equal(browser.open(native).decide({ address: '10.1.2.3' }).verdict, 'deny');
});

test('a decision has the verdict, the rule, and what the rule says', () => {
  const rules = open(native);
  const decision = rules.decide({ address: '203.0.113.7', host: 'other.test' });
  assert.deepEqual({ ...decision, assignments: [] }, {
    verdict: 'allow', step: 'prefix', rule: decision.rule, identRule: false, env: Object.create(null),
    assignments: [], limit: { n: 20, per: { v4: 24, v6: 56 } },
    limits: [{ n: 20, per: { v4: 24, v6: 56 } }], penalties: [], exempt: false,
    rate: { n: 60, seconds: 60, per: { v4: 28, v6: 48 } }, reject: '421 later\ufffd\r\n',
    rejectBytes: new Uint8Array(Buffer.from('421 later\xff\r\n', 'latin1')),
  });
  assert.deepEqual(rules.outcome(decision.rule).limit, decision.limit);
  const origin = rules.origin(decision.rule);
  assert.equal(origin.target, '203.0.113.0/24');
  assert.equal(origin.file, 'native.rules');
  assert.match(origin.identity, /^[0-9a-f]{16}$/);
  const noted = rules.origin(rules.decide({ address: '10.3.0.1' }).rule);
  assert.deepEqual([noted.until, noted.owner, noted.ticket], ['2031-03-31', 'net team', 'OPS-417']);
  assert.deepEqual(rules.needs('10.1.2.3'), { host: true, ident: true });
  assert.deepEqual(rules.info(), {
    format: 'native', size: native.length, rules: 24, needs: { host: true, ident: true },
  });
  assert.doesNotThrow(() => JSON.stringify([decision, origin]));
});

test('many addresses are decided as each alone', () => {
  for (const rules of [open(native), open(image('tiers'))]) {
    for (const family of [4, 6]) {
      const width = family === 4 ? 4 : 16;
      const count = 5000;
      const bytes = new Uint8Array(count * width);
      for (let i = 0, n = 1; i < bytes.length; i++, n = (n * 69069 + 1) % 2 ** 32) bytes[i] = n >>> 24;
      for (let i = 0; i < count; i += 3) bytes.set(family === 4 ? [10, 1 + (i % 3), 2] : [0x20, 1, 0x0d, 0xb8], i * width);
      const found = rules.decideAddresses(family, bytes);
      for (let i = 0; i < count; i++) {
        const address = bytes.subarray(i * width, (i + 1) * width);
        const { verdict, rule } = rules.decide({ address });
        const { host, ident } = rules.needs(address);
        assert.deepEqual(
          [found.verdicts[i] === 1, found.rules[i], found.needs[i]],
          [verdict === 'allow', rule ?? 0xffffffff, (host ? 1 : 0) + (ident ? 2 : 0)],
        );
      }
    }
    assert.equal(rules.decideAddresses(4, new Uint8Array(0)).rules.length, 0);
    for (const odd of [[5, new Uint8Array(4)], [4, new Uint8Array(3)], [6, new Uint8Array(4)], [4, 'abcd'], [4, null]]) {
      refuses('POSTERN_E_ARG', () => rules.decideAddresses(...odd));
    }
    rules.close();
    refuses('POSTERN_E_ARG', () => rules.decideAddresses(4, new Uint8Array(4)));
  }
});

test('a rule may have several limits', () => {
  const rules = open(image('tiers'));
  const { limit, limits } = rules.decide({ address: '10.1.2.3' });
  assert.deepEqual(limits, [{ n: 20, per: { v4: 32, v6: 64 } }, { n: 200, per: { v4: 24, v6: 48 } }]);
  assert.equal(limit, limits[0]);
  assert.equal(rules.decide({ address: '10.2.0.1' }).limits.length, 8);
  assert.equal(rules.decide({ address: '10.3.0.1' }).limits.length, 1);
  assert.deepEqual(rules.decide({ address: '10.5.0.1' }).limits, []);
});

test('a rule may have penalties, or exempt its clients', () => {
  const rules = open(image('penalties'));
  const { penalties, exempt } = rules.decide({ address: '10.1.2.3' });
  assert.deepEqual(penalties, [
    { first: 1, last: 9, seconds: 600 }, { first: 100, last: 100, seconds: 86400 },
    { first: 256, last: 256, seconds: 30 },
  ]);
  assert.ok(!exempt && Object.isFrozen(penalties));
  assert.equal(rules.decide({ address: '10.2.0.1' }).penalties.length, 8);
  const free = rules.decide({ address: '10.3.0.1' });
  assert.deepEqual([free.penalties, free.exempt, free.limit.n], [[], true, 9]);
});

test('variables: the later of two counts, a name may have no value, bytes are exact', () => {
  const classic = image('classic');
  let decision = open(classic).decide({ address: '10.9.9.9' });
  assert.deepEqual({ ...decision.env }, { A: '2', B: 'slashes', EMPTY: '' });
  assert.deepEqual(decision.assignments.map(({ name, value }) => [name, value]),
    [['A', '1'], ['B', 'slashes'], ['A', '2'], ['EMPTY', '']]);
  classic[classic.indexOf('+A=1') + 2] = 0x78;
  decision = open(classic, { verify: false }).decide({ address: '10.9.9.9' });
  assert.deepEqual([decision.assignments[0].name, decision.assignments[0].value], ['Ax1', null]);
  assert.equal(decision.assignments[0].valueBytes, null);
  assert.ok(!('Ax1' in decision.env));
  const odd = open(native).decide({ address: '10.9.0.1', ident: 'odd name' });
  assert.equal(odd.env.ODD, '\ufffd\u00e9 "q"');
  assert.deepEqual([...odd.assignments[0].valueBytes.slice(0, 3)], [0xff, 0xc3, 0xa9]);
  assert.equal(odd.identRule, true);
});

test('what one caller does to an answer, another does not see', () => {
  const rules = open(native);
  const first = rules.decide({ address: '10.1.2.3' });
  first.rejectBytes.fill(0);
  assert.throws(() => (first.env.X = '1'), TypeError);
  assert.throws(() => first.assignments.push(1), TypeError);
  assert.equal(rules.decide({ address: '10.1.2.3' }).rejectBytes[0], 0x35);
  const odd = () => rules.decide({ address: '10.9.0.1', ident: 'odd name' }).assignments[0];
  odd().valueBytes.fill(0);
  assert.equal(odd().valueBytes[0], 0xff);
});

test('addresses: text, bytes, mapped ones, and what is none', () => {
  const rules = open(native);
  const mapped = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3]);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', new Uint8Array([10, 1, 2, 3]), mapped]) {
    assert.equal(rules.decide({ address }).step, 'address');
  }
  assert.equal(open(image('classic')).decide({ address: mapped }).env.EXACT, '1');
  assert.deepEqual(parseAddress('2001:db8::1'), new Uint8Array([32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
  for (const text of ['', '010.1.2.3', '::1%lo', '[::1]', '1.2.3', 'x'.repeat(1e6)]) assert.equal(parseAddress(text), null);
  for (const address of ['', 'nonsense', '::1\0', new Uint8Array(5), 7, {}, [10, 1, 2, 3], Symbol('x')]) {
    refuses('POSTERN_E_ARG', () => rules.decide({ address }));
  }
  assert.equal(rules.decide({ text: 'nonsense' }).verdict, 'deny');
});

test('a trace tells each look-up', () => {
  const { decision, events } = open(image('classic')).trace({ address: '10.2.0.1', host: 'b.a.example.com' });
  assert.equal(decision.step, 'prefix');
  assert.deepEqual(events.map((e) => e.key), ['10.2.0.1', '=b.a.example.com', '10.2.0.', '10.2.', '10.']);
  assert.deepEqual(events.map((e) => e.found), [false, false, false, false, true]);
});

test('queries that are none', () => {
  const rules = open(native);
  for (const query of [undefined, null, 7, 'x', {}, [], { host: 'x' }, { address: null }]) {
    refuses('POSTERN_E_ARG', () => rules.decide(query));
    refuses('POSTERN_E_ARG', () => rules.trace(query));
  }
  for (const text of ['\ud800', 'a\udc00b', 7, {}, true]) {
    refuses('POSTERN_E_ARG', () => rules.decide({ address: '10.1.2.3', host: text }));
    refuses('POSTERN_E_ARG', () => rules.decide({ address: '10.1.2.3', ident: text }));
  }
  for (const address of [undefined, null, 'x', 5]) refuses('POSTERN_E_ARG', () => rules.needs(address));
  for (const rule of [-1, 24, 1.5, 2 ** 32, NaN, '0', null, undefined, 0xffffffff]) {
    refuses('POSTERN_E_ARG', () => rules.origin(rule));
    refuses('POSTERN_E_ARG', () => rules.outcome(rule));
  }
});

test('texts of every size and of every byte', () => {
  const rules = open(native);
  for (const size of [1, 511, 512, 976, 1022, 1023, 4096, 70000, 1 << 20]) {
    const host = 'a'.repeat(size) + '.example.com';
    assert.equal(rules.decide({ address: '192.0.2.1', host }).env.SUFFIX, '1', String(size));
    assert.equal(rules.decide({ address: '192.0.2.1', host, ident: host }).step, 'suffix');
  }
  refuses('POSTERN_E_ARG', () => rules.decide({ address: '10.1.2.3', host: 'x'.repeat((1 << 24) + 1) }));
  assert.equal(rules.decide({ address: '192.0.2.1', host: 'a\0b.example.com', ident: '\0' }).step, 'suffix');
  assert.equal(rules.decide({ address: '192.0.2.1', host: '\u{1f600}.example.com' }).step, 'suffix');
  assert.equal(rules.decide({ address: '192.0.2.1', host: new Uint8Array([255, 0, 46]) }).step, 'any-host');
});

test('files that are none', () => {
  for (const file of [undefined, null, 7, 'x', {}, [1, 2], () => 1]) refuses('POSTERN_E_ARG', () => open(file));
  for (const options of [null, 7, 'x']) refuses('POSTERN_E_ARG', () => open(native, options));
  for (const size of [0, 1, 2047, 2048, 2400, native.length - 1]) {
    refuses('POSTERN_E_FORMAT', () => open(native.subarray(0, size)).decide({ address: '10.1.2.3' }));
  }
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  assert.throws(() => open(gone), PosternError);
  for (const file of [new Uint8Array(native).buffer, new DataView(new Uint8Array(native).buffer)]) {
    assert.equal(open(file).info().rules, 24);
  }
  const shared = new SharedArrayBuffer(native.length);
  new Uint8Array(shared).set(native);
  assert.equal(open(shared).info().rules, 24);
});

test('a newer file says what is lacking', () => {
  const newer = Buffer.from(native);
  newer.writeUInt32LE(8, 2112 + 84);
  newer.write('tides\0', 2112 + newer.readUInt32LE(2112 + 48), 'latin1');
  newer.writeUInt32LE(newer.readUInt32LE(2112 + 48), 2112 + 88);
  newer.writeUInt32LE(6, 2112 + 92);
  try {
    open(newer);
    assert.fail();
  } catch (problem) {
    assert.equal(problem.code, 'POSTERN_E_VERSION');
    assert.deepEqual(problem.lacking, ['tides']);
  }
});

test('whatever bytes a file has, there is an answer or an exception', () => {
  let seed = 7;
  const random = (n) => ((seed = (seed * 1103515245 + 12345) % 2147483648) >>> 12) % n;
  let answers = 0;
  for (const name of ['native', 'spelt', 'table', 'classic', 'compact', 'tiers']) {
    for (let i = 0; i < 1500; i++) {
      const damaged = new Uint8Array(image(name));
      for (let k = random(3); k >= 0; k--) damaged[random(2) ? 2040 + random(900) : random(damaged.length)] = random(256);
      const cut = random(4) ? damaged : damaged.subarray(0, random(damaged.length));
      try {
        const rules = open(cut, { verify: false });
        const { decision } = rules.trace({ address: ['10.1.2.4', '2001:db8:1::4'][i % 2], host: 'mx.example.com', ident: 'joe' });
        if (decision.rule !== null) rules.origin(decision.rule);
        rules.needs('10.1.2.3');
        answers++;
      } catch (problem) {
        assert.ok(problem instanceof PosternError, problem.stack);
      }
    }
  }
  assert.ok(answers > 500);
});

test('closed rules', () => {
  const rules = open(native);
  const { rule } = rules.decide({ address: '10.1.2.3' });
  rules.close();
  rules.close();
  assert.equal(rules.closed, true);
  refuses('POSTERN_E_ARG', () => rules.decide({ address: '10.1.2.3' }));
  refuses('POSTERN_E_ARG', () => rules.trace({ address: '10.1.2.3' }));
  for (const name of ['origin', 'outcome']) refuses('POSTERN_E_ARG', () => rules[name](rule));
  refuses('POSTERN_E_ARG', () => rules.info());
  refuses('POSTERN_E_ARG', () => rules.needs('10.1.2.3'));
  const closing = open(native);
  refuses('POSTERN_E_ARG', () => closing.decide({ address: '10.1.2.3', get host() { closing.close(); return 'x'; } }));
  if (Symbol.dispose) {
    const disposed = open(native);
    disposed[Symbol.dispose]();
    assert.ok(disposed.closed);
  }
  assert.throws(() => Rules.prototype.decide.call({}, { address: '10.1.2.3' }), TypeError);
});

test('files of every size stay apart, while memory grows beneath them', () => {
  const small = open(native);
  const handles = [];
  for (let i = 0; i < 3000; i++) handles.push([i % 2, open(i % 2 ? native : image('least'))]);
  const large = Buffer.concat([image('classic'), Buffer.alloc(3 << 20)]);
  const own = open(large, { verify: false });
  assert.equal(own.decide({ address: '10.1.2.3' }).env.EXACT, '1');
  assert.equal(small.decide({ address: '10.1.2.4' }).env.EXACT, '1');
  for (const [kind, rules] of handles) {
    assert.equal(rules.decide({ address: '10.1.2.4' }).verdict, kind ? 'allow' : 'deny');
  }
  for (const [, rules] of handles) rules.close();
  own.close();
  assert.equal(small.decide({ address: '10.1.2.4' }).env.EXACT, '1');
});

test('what is opened and closed, or forgotten, costs no memory for good', async () => {
  assert.ok(globalThis.gc, 'run with --expose-gc');
  const round = async (files, keep) => {
    for (let i = 0; i < files; i++) {
      const rules = open(native);
      rules.decide({ address: '10.1.2.3', host: 'x'.repeat(5000) });
      if (keep) rules.close();
      if (i % 500 === 0) {
        gc();
        await turn();
      }
    }
    gc();
    await turn();
    await turn();
    return process.memoryUsage();
  };
  await round(2000, true);
  const before = await round(2000, false);
  await round(20000, true);
  const after = await round(20000, false); // 240 MB of files
  assert.ok(after.rss - before.rss < 64 << 20, `${before.rss} and then ${after.rss}`);
});

test('large files that are replaced again and again', async () => {
  const large = Buffer.concat([image('classic'), Buffer.alloc(20 << 20)]);
  for (let i = 0; i < 60; i++) {
    const rules = open(large, { verify: false });
    assert.equal(rules.decide({ address: '10.1.2.3' }).env.EXACT, '1');
    rules.close();
    gc();
    await turn();
  }
  assert.ok(process.memoryUsage().rss < 500 << 20);
});

test('a caller without stack gets an exception, and the next one an answer', () => {
  const rules = open(native);
  const query = { address: '10.1.2.4', host: 'mx.example.com', ident: 'joe' };
  let failed = 0;
  const deep = (ask) => {
    try {
      deep(ask);
    } catch {
      try {
        ask(); // from ever less deep, until it has room
      } catch (problem) {
        // or: an engine that was left while it allocated is not trusted with memory any more
        assert.ok(problem instanceof RangeError || problem.code === 'POSTERN_E_NOMEM', problem);
        failed++;
        throw problem;
      }
    }
  };
  const long = { ...query, host: 'x'.repeat(5000) };
  for (let i = 0; i < 400; i++) {
    deep(() => (i % 4 ? rules.decide(query) : open(native).decide(long)));
    assert.equal(rules.decide(query).env.JOE, 'exact');
  }
  for (let i = 0; i < 200; i++) {
    deep(() => open(native).close());
    assert.equal(rules.decide(query).env.JOE, 'exact');
  }
  assert.ok(failed > 0);
  assert.equal(rules.decide({ address: '10.1.2.4', host: 'mx.example.com', ident: 'joe' }).env.JOE, 'exact');
  assert.equal(open(native).decide({ address: '10.1.2.4' }).env.EXACT, '1');
});
