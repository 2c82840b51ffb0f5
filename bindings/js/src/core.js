/*
 * What both entries of the package share: handles over instances of the engine.
 *
 * Small files live in one instance together; a large one has an instance of its own, since
 * the memory of an instance never shrinks: it is gone with it. A query is read whole, getters
 * and all, before anything is written into an engine, so that nothing of the caller's runs
 * between that and the answer.
 */
const STATUS = Object.freeze({
  POSTERN_OK: 0,
  POSTERN_E_ARG: 1,
  POSTERN_E_NOMEM: 2,
  POSTERN_E_IO: 3,
  POSTERN_E_FORMAT: 4,
  POSTERN_E_BUSY: 5,
  POSTERN_E_VERSION: 6,
});
const CODES = Object.keys(STATUS);
const STEPS = ['block', 'address', 'host', 'prefix', 'suffix', 'any-host', 'default', 'none'];
const NO_RULE = 0xffffffff;
const CHECK = 2; // POSTERN_OPEN_CHECK
const OWN_ENGINE = 1 << 20; // bytes of a file
const TEXT_MOST = 1 << 24; // bytes of a query
const ROOM = 4096; // for the texts of a query: longer ones get room of their own
const SHORT = 512; // bytes of a query for which no memory is asked
const OUTCOMES_MOST = 4096;
const MANY = 4096; // addresses that are decided at once
const WIDEST = 16; // bytes of an address
const BRIEF = 8; // bytes of struct postern_brief

class PosternError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
    this.code = CODES[status];
  }
}
Object.defineProperty(PosternError.prototype, 'name', { value: 'PosternError', configurable: true, writable: true });

const MESSAGES = [
  'fine',
  'an argument that cannot be used',
  'out of memory',
  'the system refused',
  'not a compiled rule file, or a damaged one',
  'the file kept changing while it was read',
  'this file needs a newer postern',
];

function failure(status, detail) {
  return new PosternError(status, detail ? `${MESSAGES[status]}: ${detail}` : MESSAGES[status]);
}

function unusable(detail) {
  return failure(STATUS.POSTERN_E_ARG, detail);
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/* A view of what the caller gave, whatever its class says of itself. */
function viewOf(value, what) {
  try {
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer) {
      return new Uint8Array(value);
    }
  } catch (problem) {
    throw unusable(`${what} is detached`);
  }
  throw unusable(`${what} is neither bytes nor a buffer of them`);
}

/* The bytes of a string, as UTF-8. */
function encode(text, what) {
  if (text.length > TEXT_MOST) throw unusable(`${what} is too long`);
  let plain = true;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) continue;
    plain = false;
    if (c < 0xd800 || c > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (c > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) throw unusable(`${what} has half a character`);
    i++;
  }
  return plain ? text : new TextEncoder().encode(text);
}

/* undefined, a string of ASCII, or bytes. */
function textOf(value, what) {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return encode(value, what);
  const bytes = viewOf(value, what);
  if (bytes.length > TEXT_MOST) throw unusable(`${what} is too long`);
  return bytes;
}

function sizeOf(text) {
  return text === undefined ? 0 : text.length;
}

/* Of an engine: nothing runs in it; a call does, and perhaps one that allocates. */
const IDLE = 0;
const ASKING = 1;
const ALLOCATING = 2;

class Engine {
  constructor(module, isOwn) {
    this.isOwn = isOwn;
    this.state = IDLE;
    this.isBroken = false;
    this.live = 0;
    this.events = null;
    const imports = { postern: { trace: (...event) => this.see(event) } };
    try {
      this.api = new WebAssembly.Instance(module, imports).exports;
    } catch (problem) {
      throw failure(STATUS.POSTERN_E_NOMEM);
    }
    this.api._initialize();
    this.stack = this.api.__stack_pointer.value;
    this.refresh();
    this.queryAt = this.api.pn_js_query() >>> 2;
    this.answerAt = this.api.pn_js_answer() >>> 2;
    this.room = this.api.pn_js_room(ROOM);
    this.views();
  }

  refresh() {
    this.bytes = new Uint8Array(this.api.memory.buffer);
    this.numbers = new Uint32Array(this.api.memory.buffer);
  }

  /* Memory that has grown has left its old views without any bytes. */
  views() {
    if (this.bytes.length === 0) this.refresh();
  }

  /*
   * A caller who has no stack left ends a call anywhere: in the engine, or behind it, with its
   * own stack not put back, and views that see nothing of memory that has grown. Such a call has
   * no stack to clean up with either: the next one does, before anything else. An engine that
   * may have been allocating is not trusted with memory any more.
   */
  settle() {
    if (this.state === ALLOCATING) this.isBroken = true;
    this.api.__stack_pointer.value = this.stack;
    this.views();
    this.state = IDLE;
  }

  mayAllocate() {
    if (this.state !== IDLE) this.settle();
    return !this.isBroken;
  }

  call(name, allocates, a, b, c, d) {
    if (!this.mayAllocate() && allocates) throw failure(STATUS.POSTERN_E_NOMEM);
    this.state = allocates ? ALLOCATING : ASKING;
    const result = this.api[name](a, b, c, d) >>> 0;
    this.views();
    this.state = IDLE;
    return result;
  }

  see([step, identRule, found, at, size]) {
    this.events.push({
      step: STEPS[step],
      identRule: identRule === 1,
      found: found === 1,
      key: this.text(at, size),
      keyBytes: this.copy(at, size),
    });
  }

  number(i) {
    return this.numbers[this.answerAt + i];
  }

  copy(at, size) {
    return this.bytes.slice(at >>> 0, (at >>> 0) + size);
  }

  text(at, size) {
    return utf8.decode(this.copy(at, size));
  }

  /* A text of the answer; null for none. */
  textAt(i) {
    return this.number(i) ? this.text(this.number(i), this.number(i + 1)) : null;
  }

  bytesAt(i) {
    return this.number(i) ? this.copy(this.number(i), this.number(i + 1)) : null;
  }

  put(text, at) {
    if (text === undefined) return at;
    const bytes = this.bytes;
    if (typeof text === 'string') {
      for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    } else if (text.length <= 16) {
      for (let i = 0; i < text.length; i++) bytes[at + i] = text[i];
    } else {
      bytes.set(text, at);
    }
    return at + text.length;
  }

  /* Room for so many bytes, which is to be given back where it is not the usual one. */
  roomFor(size) {
    if (size <= ROOM) return this.room;
    const room = this.call('pn_js_room', true, size);
    if (!room) throw failure(STATUS.POSTERN_E_NOMEM);
    return room;
  }

  free(room) {
    if (room !== this.room && this.mayAllocate()) this.call('pn_js_free', true, room);
  }

  /* Writes the query, and calls with it in place. Only long texts make the engine allocate. */
  ask(query, name, handle, trace) {
    const { address, host, ident, text } = query;
    const size = sizeOf(address) + sizeOf(host) + sizeOf(ident) + sizeOf(text);
    if (size <= SHORT) {
      if (this.state !== IDLE) this.settle();
      this.write(query, this.room);
      this.state = ASKING;
      const status = name === 'pn_js_decide' ? this.api.pn_js_decide(handle, trace) : this.api[name](handle);
      this.state = IDLE;
      return status;
    }
    const room = this.roomFor(size);
    try {
      this.write(query, room);
      return this.call(name, true, handle, trace);
    } finally {
      this.free(room);
    }
  }

  write({ address, host, ident, text }, room) {
    const numbers = this.numbers;
    const at = this.queryAt;
    numbers[at] = address === undefined ? 0 : address.length === 4 ? 4 : 6;
    numbers[at + 1] = room;
    numbers[at + 2] = sizeOf(address);
    numbers[at + 3] = host === undefined ? -1 : host.length;
    numbers[at + 4] = ident === undefined ? -1 : ident.length;
    numbers[at + 5] = text === undefined ? -1 : text.length;
    this.put(text, this.put(ident, this.put(host, this.put(address, room))));
  }

  /* The bytes of an address in text, or undefined. */
  parse(text) {
    if (text.length > 64) return undefined;
    if (this.state !== IDLE) this.settle();
    this.put(text, this.room);
    const family = this.call('pn_js_parse', false, this.room, text.length);
    const at = this.answerAt * 4;
    return family === 0 ? undefined : this.bytes.slice(at, at + (family === 4 ? 4 : 16));
  }

  /* Room has each address as if it were wide, so that the briefs behind begin where they may. */
  many(handle, family, addresses, found) {
    const width = family === 4 ? 4 : WIDEST;
    const count = addresses.length / width;
    const room = this.call('pn_js_room', true, MANY * (WIDEST + BRIEF));
    if (!room) throw failure(STATUS.POSTERN_E_NOMEM);
    try {
      for (let at = 0; at < count; at += MANY) {
        const some = Math.min(MANY, count - at);
        this.bytes.set(addresses.subarray(at * width, (at + some) * width), room);
        const status = this.call('pn_js_many', false, handle, family, room, some);
        if (status !== STATUS.POSTERN_OK) throw failure(status);
        for (let i = 0; i < some; i++) {
          const brief = room + some * WIDEST + i * BRIEF;
          found.rules[at + i] = this.numbers[brief >>> 2];
          found.verdicts[at + i] = this.bytes[brief + 4];
          found.steps[at + i] = this.bytes[brief + 5];
          found.needs[at + i] = this.bytes[brief + 6];
        }
      }
    } finally {
      if (this.mayAllocate()) this.call('pn_js_free', true, room);
    }
    return found;
  }

  open(bytes, flags) {
    const room = this.call('pn_js_room', true, bytes.length);
    if (!room) throw failure(STATUS.POSTERN_E_NOMEM);
    this.bytes.set(bytes, room);
    const status = this.call('pn_js_open', true, room, bytes.length, flags);
    if (status !== STATUS.POSTERN_OK) throw this.refusal(status);
    this.live++;
    return this.number(0);
  }

  refusal(status) {
    if (status !== STATUS.POSTERN_E_VERSION) return failure(status);
    const names = this.textAt(1) ?? '';
    if (this.number(1)) this.call('pn_js_free', true, this.number(1));
    const problem = failure(status, names);
    problem.lacking = names ? names.split(', ') : [];
    return problem;
  }

  close(handle) {
    this.live--;
    if (this.mayAllocate() && !this.isOwn) this.call('pn_js_close', true, handle);
  }
}

function make(module) {
  let shared;
  let parser;

  function engineFor(size) {
    if (size > OWN_ENGINE) return new Engine(module, true);
    if (!shared || !shared.mayAllocate()) shared = new Engine(module, false);
    return shared;
  }

  /* What was not closed and is not reachable any more. */
  const registry = new FinalizationRegistry(({ engine, handle }) => engine.close(handle));

  function addressOf(value) {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') {
      const packed = parseAddress(value);
      if (packed) return packed;
      throw unusable('this is no address');
    }
    const bytes = viewOf(value, 'the address');
    if (bytes.length !== 4 && bytes.length !== 16) throw unusable('an address has 4 or 16 bytes');
    return unmapped(bytes);
  }

  function parseAddress(text) {
    if (typeof text !== 'string') throw unusable('the address is no text');
    const bytes = encode(text, 'the address');
    if (!parser || !parser.mayAllocate()) parser = engineFor(0);
    return parser.parse(bytes) ?? null;
  }

  function queryOf(query) {
    if (query === null || typeof query !== 'object') throw unusable('the query is no object');
    const { address, host, ident, text } = query;
    const made = {
      address: addressOf(address),
      host: textOf(host, 'the host'),
      ident: textOf(ident, 'the ident'),
      text: textOf(text, 'the text'),
    };
    if (made.address === undefined && made.text === undefined) throw unusable('the query has no address');
    return made;
  }

  class Rules {
    #engine;
    #handle = 0;
    #outcomes = new Map();

    constructor(file, options) {
      const bytes = viewOf(file, 'the file');
      if (options !== undefined && (options === null || typeof options !== 'object')) {
        throw unusable('the options are no object');
      }
      const flags = options?.verify === false ? 0 : CHECK;
      if (bytes.length > 0xffffffff) throw failure(STATUS.POSTERN_E_FORMAT);
      this.#engine = engineFor(bytes.length);
      this.#handle = this.#engine.open(bytes, flags);
      registry.register(this, { engine: this.#engine, handle: this.#handle }, this);
    }

    #open() {
      if (!this.#handle) throw unusable('these rules are closed');
      return this.#engine;
    }

    #ask(query, name, trace) {
      const made = queryOf(query);
      const engine = this.#open();
      const status = engine.ask(made, name, this.#handle, trace);
      if (status !== STATUS.POSTERN_OK) throw failure(status);
      return engine;
    }

    #decision(engine) {
      const rule = engine.number(0);
      const step = STEPS[engine.number(1)];
      const identRule = engine.number(2) === 1;
      const outcome = rule === NO_RULE ? noRule[engine.number(3)] : this.#outcome(rule);
      return {
        verdict: outcome.verdict,
        step,
        rule: rule === NO_RULE ? null : rule,
        identRule,
        env: outcome.env,
        assignments: outcome.assignments,
        limit: outcome.limit,
        limits: outcome.limits,
        penalties: outcome.penalties,
        exempt: outcome.exempt,
        rate: outcome.rate,
        reject: outcome.reject,
        rejectBytes: outcome.rejectBytes && outcome.rejectBytes.slice(),
      };
    }

    /* It is the same wherever a rule decides, and the file never changes: so it is kept. */
    #outcome(rule) {
      let outcome = this.#outcomes.get(rule);
      if (outcome) return outcome;
      const engine = this.#open();
      const status = engine.call('pn_js_outcome', false, this.#handle, rule);
      if (status !== STATUS.POSTERN_OK) throw failure(status);
      outcome = outcomeOf(engine);
      if (this.#outcomes.size >= OUTCOMES_MOST) this.#outcomes.clear();
      this.#outcomes.set(rule, outcome);
      return outcome;
    }

    #rule(rule) {
      if (!Number.isInteger(rule) || rule < 0 || rule >= NO_RULE) throw unusable('this is no rule');
      return rule;
    }

    decide(query) {
      return this.#decision(this.#ask(query, 'pn_js_decide', 0));
    }

    trace(query) {
      const made = queryOf(query);
      const engine = this.#open();
      const events = [];
      engine.events = events;
      try {
        const status = engine.ask(made, 'pn_js_decide', this.#handle, 1);
        if (status !== STATUS.POSTERN_OK) throw failure(status);
      } finally {
        engine.events = null;
      }
      return { decision: this.#decision(engine), events };
    }

    needs(address) {
      if (address === undefined || address === null) throw unusable('there is no address');
      const needs = this.#ask({ address }, 'pn_js_needs').number(0);
      return { host: (needs & 1) !== 0, ident: (needs & 2) !== 0 };
    }

    decideAddresses(family, addresses) {
      if (family !== 4 && family !== 6) throw unusable('a family is 4 or 6');
      const bytes = viewOf(addresses, 'the addresses').slice();
      const count = bytes.length / (family === 4 ? 4 : WIDEST);
      if (!Number.isInteger(count)) throw unusable('an address has 4 or 16 bytes');
      return this.#open().many(this.#handle, family, bytes, {
        rules: new Uint32Array(count),
        verdicts: new Uint8Array(count),
        steps: new Uint8Array(count),
        needs: new Uint8Array(count),
      });
    }

    outcome(rule) {
      this.#open();
      const { rejectBytes, ...outcome } = this.#outcome(this.#rule(rule));
      return { ...outcome, rejectBytes: rejectBytes && rejectBytes.slice() };
    }

    origin(rule) {
      const engine = this.#open();
      const status = engine.call('pn_js_origin', false, this.#handle, this.#rule(rule));
      if (status !== STATUS.POSTERN_OK) throw failure(status);
      return {
        identity: hex(engine.number(11)) + hex(engine.number(10)),
        target: engine.textAt(0),
        targetBytes: engine.bytesAt(0),
        file: engine.textAt(2),
        fileBytes: engine.bytesAt(2),
        line: engine.number(8) || null,
        owner: engine.textAt(4),
        ownerBytes: engine.bytesAt(4),
        ticket: engine.textAt(6),
        ticketBytes: engine.bytesAt(6),
        until: dateOf(engine.number(9)),
      };
    }

    info() {
      const engine = this.#open();
      engine.call('pn_js_info', false, this.#handle);
      const needs = engine.number(3);
      return {
        format: engine.number(0) === 2 ? 'native' : 'classic',
        size: engine.number(1),
        rules: engine.number(2),
        needs: { host: (needs & 1) !== 0, ident: (needs & 2) !== 0 },
      };
    }

    get closed() {
      return this.#handle === 0;
    }

    close() {
      const engine = this.#engine;
      const handle = this.#handle;
      if (!handle) return;
      this.#handle = 0;
      this.#engine = undefined;
      this.#outcomes.clear();
      registry.unregister(this);
      engine.close(handle);
      if (engine === shared && engine.live === 0 && engine.bytes.length > 4 * OWN_ENGINE) {
        shared = parser = undefined; // grown large, and nobody needs it now
      }
    }
  }
  if (Symbol.dispose) {
    Object.defineProperty(Rules.prototype, Symbol.dispose, { value: Rules.prototype.close });
  }

  function open(file, options) {
    return new Rules(file, options);
  }

  return { open, parseAddress, PosternError, Rules, STATUS };
}

const noRule = ['deny', 'allow'].map((verdict) =>
  Object.freeze({
    verdict,
    env: Object.freeze(Object.create(null)),
    assignments: Object.freeze([]),
    limit: null,
    limits: Object.freeze([]),
    penalties: Object.freeze([]),
    exempt: false,
    rate: null,
    reject: null,
    rejectBytes: null,
  }),
);

/* An IPv4 address that is mapped into IPv6 is that address. */
function unmapped(bytes) {
  if (bytes.length === 16 && bytes[10] === 255 && bytes[11] === 255 && bytes.subarray(0, 10).every((b) => b === 0)) {
    return bytes.slice(12);
  }
  return bytes.slice();
}

function limitOf(engine) {
  return Object.freeze({ n: engine.number(5), per: Object.freeze({ v4: engine.number(6), v6: engine.number(7) }) });
}

function penaltyOf(engine) {
  return Object.freeze({ first: engine.number(18), last: engine.number(19), seconds: engine.number(20) });
}

function outcomeOf(engine) {
  const outcome = {
    verdict: engine.number(0) === 1 ? 'allow' : 'deny',
    env: Object.create(null),
    assignments: [],
    limit: engine.number(5) ? limitOf(engine) : null,
    limits: [],
    penalties: [],
    exempt: false,
    rate: engine.number(8)
      ? Object.freeze({
          n: engine.number(8),
          seconds: engine.number(9),
          per: Object.freeze({ v4: engine.number(10), v6: engine.number(11) }),
        })
      : null,
    reject: engine.textAt(3),
    rejectBytes: engine.bytesAt(3),
  };
  if (outcome.limit) outcome.limits.push(outcome.limit);
  while (engine.call('pn_js_limit_next', false, engine.number(12), engine.number(13))) {
    outcome.limits.push(limitOf(engine));
  }
  while (engine.call('pn_js_penalty_next', false, engine.number(16), engine.number(17))) {
    if (engine.number(20)) outcome.penalties.push(penaltyOf(engine));
    else outcome.exempt = true;
  }
  while (engine.call('pn_js_env_next', false, engine.number(1), engine.number(2))) {
    const assignment = new Assignment(engine.bytesAt(12), engine.bytesAt(14));
    outcome.assignments.push(assignment);
    if (assignment.value !== null) outcome.env[assignment.name] = assignment.value;
  }
  Object.freeze(outcome.env);
  Object.freeze(outcome.assignments);
  Object.freeze(outcome.limits);
  Object.freeze(outcome.penalties);
  return Object.freeze(outcome);
}

/* Its bytes are copied for each who asks: the assignments of a rule are shared. */
class Assignment {
  #name;
  #value;

  constructor(name, value) {
    this.#name = name;
    this.#value = value;
    this.name = utf8.decode(name);
    this.value = value === null ? null : utf8.decode(value);
    Object.freeze(this);
  }

  get nameBytes() {
    return this.#name.slice();
  }

  get valueBytes() {
    return this.#value && this.#value.slice();
  }
}

function hex(number) {
  return number.toString(16).padStart(8, '0');
}

function dateOf(number) {
  if (!number) return null;
  const digits = String(number).padStart(8, '0');
  return `${digits.slice(0, -4)}-${digits.slice(-4, -2)}-${digits.slice(-2)}`;
}
