// The packaged extension in Node: as much of the API as it and its client touch on the way to a server that is a process
// of its own. node vscode_host.cjs EXTENSION.js GIVEN prints what was registered, said and drawn; GIVEN is JSON with the
// user's settings, a file, and the names of the API (of classes and of what has fixed values).
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const given = JSON.parse(process.argv[3]);
const told = { commands: {}, errors: [], pages: [] };
const nothing = () => ({ dispose() {} });
const Uri = {
  file: (name) => ({ scheme: "file", fsPath: name, path: name, toString: () => "file://" + name }),
  parse: (text) => ({ scheme: "file", path: text, toString: () => text }),
};
const document = { languageId: "postern", uri: Uri.file(given.file), isUntitled: false, isDirty: false };
const channel = () => ({ append() {}, appendLine() {}, clear() {}, show() {}, dispose() {}, onDidChangeLogLevel: nothing,
  info() {}, warn() {}, debug() {}, trace() {}, error: (text) => told.errors.push(text) });
const parts = {
  workspace: { getConfiguration: () => ({ get: (name, otherwise) => given.settings[name] ?? otherwise }), isTrusted: given.trusted,
    createFileSystemWatcher: () => ({ onDidCreate: nothing, onDidChange: nothing, onDidDelete: nothing, dispose() {} }),
    workspaceFolders: [], textDocuments: [], notebookDocuments: [] },
  window: { showErrorMessage: async (text) => void told.errors.push(text), createOutputChannel: channel,
    activeTextEditor: { document }, visibleTextEditors: [],
    tabGroups: { all: [], onDidChangeTabs: nothing, onDidChangeTabGroups: nothing },
    createWebviewPanel: (...options) => ({ webview: { set html(text) { told.pages.push([options[3], text]); } } }) },
  env: { language: "en", appName: "test" }, version: "1.91.0", Uri,
  commands: { registerCommand: (name, run) => ((told.commands[name] = run), { dispose() {} }), executeCommand: async () => undefined },
};

// What is not above does nothing, and is disposed of.
const part = (held) => new Proxy(held, { get: (target, key) => key in target || typeof key === "symbol" ? target[key]
  : /^(on[A-Z]|register|create)/.test(key) ? nothing : undefined });
function kind() {
  const Any = class { constructor() { Object.assign(this, { event: nothing, fire() {}, dispose() {} }); } };
  return new Proxy(Any, { get: (target, key) => key in target || typeof key === "symbol" ? target[key]
    : key === "from" ? nothing : key });
}
const api = Object.fromEntries(given.names.map((name) => [name, /^[A-Z]/.test(name) ? kind() : part({})]));
for (const [name, value] of Object.entries(parts)) api[name] = typeof value === "string" || name === "Uri" ? value : part(value);
const found = Module._load;
Module._load = (name, ...more) => (name === "vscode" ? api : found(name, ...more));

(async () => {
  const context = { subscriptions: [] };
  await require(path.resolve(process.argv[2])).activate(context);
  await told.commands["postern.map"]?.();
  console.log(JSON.stringify({ ...told, commands: Object.keys(told.commands) }));
  process.exit(0);
})();
