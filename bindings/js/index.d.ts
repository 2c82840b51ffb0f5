/// <reference lib="es2021" />
/// <reference lib="esnext.disposable" />

/** What the rules of a compiled file decide. Statuses other than POSTERN_OK are PosternErrors. */

export type Verdict = 'allow' | 'deny';

/** The step of the ladder that decided; 'none' when no rule matched. */
export type Step =
  | 'block'
  | 'address'
  | 'host'
  | 'prefix'
  | 'suffix'
  | 'any-host'
  | 'default'
  | 'none';

/** A file, or any view of one. It is copied. */
export type FileBytes = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** A text: as UTF-8, without half characters, or as bytes. */
export type Text = string | Uint8Array;

export interface Query {
  /** In text, or as 4 or 16 bytes in network order. */
  address?: string | Uint8Array | null;
  /** The reverse name. Left out: it is not known; empty: it is empty. */
  host?: Text | null;
  /** What the ident server said; likewise. */
  ident?: Text | null;
  /**
   * The address as the server shows it. A classic file is looked up with this text, byte for
   * byte, where there is one.
   */
  text?: Text | null;
}

/** A source is a network of so many bits. */
export interface Per {
  readonly v4: number;
  readonly v6: number;
}

export interface Limit {
  readonly n: number;
  readonly per: Per;
}

/** A program that ends with such a status has its client's source refused; 256: by a signal. */
export interface Penalty {
  readonly first: number;
  readonly last: number;
  readonly seconds: number;
}

export interface Rate {
  readonly n: number;
  readonly seconds: number;
  readonly per: Per;
}

/** One variable. Strings are UTF-8, with U+FFFD for bytes that are not; bytes are exact. */
export interface Assignment {
  readonly name: string;
  /** null when the name stands without its sign. */
  readonly value: string | null;
  readonly nameBytes: Uint8Array;
  readonly valueBytes: Uint8Array | null;
}

/** What a rule decides wherever it decides. */
export interface Outcome {
  verdict: Verdict;
  /** Values by name; of two with one name the later counts. It has no prototype. */
  env: Readonly<Record<string, string>>;
  /** The same in the order of the file, with duplicates, and names without a value. */
  assignments: readonly Assignment[];
  /** The first of `limits`. */
  limit: Limit | null;
  /** A client is let in where each of them has room. */
  limits: readonly Limit[];
  /** Ascending by status. */
  penalties: readonly Penalty[];
  /** Whether the rule says that its clients are never refused for penalties. */
  exempt: boolean;
  rate: Rate | null;
  /** What is sent before closing. */
  reject: string | null;
  rejectBytes: Uint8Array | null;
}

export interface Decision extends Outcome {
  step: Step;
  /** For origin() and outcome(); null when no rule matched. */
  rule: number | null;
  /** Whether the rule names this ident. */
  identRule: boolean;
}

/** One look-up on the way to a decision. */
export interface TraceEvent {
  step: Step;
  identRule: boolean;
  found: boolean;
  key: string;
  keyBytes: Uint8Array;
}

export interface Needs {
  host: boolean;
  ident: boolean;
}

export interface Origin {
  /** Which rule it is, in the next version of the file too: 16 hexadecimal digits. */
  identity: string;
  /** The rule as written; of a classic file its key. */
  target: string | null;
  targetBytes: Uint8Array | null;
  file: string | null;
  fileBytes: Uint8Array | null;
  /** From 1. */
  line: number | null;
  owner: string | null;
  ownerBytes: Uint8Array | null;
  ticket: string | null;
  ticketBytes: Uint8Array | null;
  /** The last day it is meant for: "2031-03-31". */
  until: string | null;
}

export interface Info {
  format: 'classic' | 'native';
  /** Of the file, in bytes. */
  size: number;
  /** Records of a classic file, rules of a native one. */
  rules: number;
  /** What some address needs. */
  needs: Needs;
}

export interface OpenOptions {
  /** Check every byte at the open (true), or the header alone. */
  verify?: boolean;
}

/** A number for each of many addresses. */
export interface Briefs {
  /** For outcome() and origin(); 4294967295 where no rule matched. */
  rules: Uint32Array;
  /** 1 for allow, 0 for deny. */
  verdicts: Uint8Array;
  /** 0 to 7: block, address, host, prefix, suffix, any-host, default, none. */
  steps: Uint8Array;
  /** What could still change it: 1 for a host, 2 for an ident, 3 for both. */
  needs: Uint8Array;
}

/** An open file. Every method throws a PosternError when it cannot answer: deny then. */
export class Rules {
  constructor(file: FileBytes, options?: OpenOptions);
  decide(query: Query): Decision;
  trace(query: Query): { decision: Decision; events: TraceEvent[] };
  /** What could still change what the address is answered. */
  needs(address: string | Uint8Array): Needs;
  /**
   * What the rules say of many addresses of one family without a host and an ident: 4 or 16 bytes
   * each, behind one another. The way for columns of them.
   */
  decideAddresses(family: 4 | 6, addresses: FileBytes): Briefs;
  outcome(rule: number): Outcome;
  origin(rule: number): Origin;
  info(): Info;
  readonly closed: boolean;
  /** Gives its memory back; again is fine. What is not closed is given back once nobody has it. */
  close(): void;
  [Symbol.dispose](): void;
}

export function open(file: FileBytes, options?: OpenOptions): Rules;

/** 4 or 16 bytes, or null. A mapped IPv6 address is the IPv4 address that it maps. */
export function parseAddress(text: string): Uint8Array | null;

export class PosternError extends Error {
  constructor(status: number, message: string);
  readonly name: 'PosternError';
  /** One of STATUS. */
  readonly status: number;
  /** Its name: 'POSTERN_E_FORMAT'. */
  readonly code: keyof typeof STATUS;
  /** Of POSTERN_E_VERSION: what the file requires and this version lacks. */
  readonly lacking?: string[];
}

export const STATUS: {
  readonly POSTERN_OK: 0;
  readonly POSTERN_E_ARG: 1;
  readonly POSTERN_E_NOMEM: 2;
  readonly POSTERN_E_IO: 3;
  readonly POSTERN_E_FORMAT: 4;
  readonly POSTERN_E_BUSY: 5;
  readonly POSTERN_E_VERSION: 6;
};
