// An editor by vscode-languageserver-protocol: types at random, asks everything, and holds what it
// is told to what the protocol promises besides its types, and to what postern lint says of the
// saved files. All messages of the server are written as a text in TypeScript that compiles when
// they have the types of the protocol.
"use strict";
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL, fileURLToPath } = require("node:url");
const lsp = require("vscode-languageserver-protocol/node");
const { TextDocument } = require("vscode-languageserver-textdocument");

const [postern, folder, seed, steps, encoding, pulls, out] = process.argv.slice(2);
const EXTENDED = ["\n", " ", "#", '"', ":", ",", "{", "}", "$", "=", "10.0.0.1 : allow\n", '10.0.0.0/8 : deny, A="\u{1f600}"\n',
    "* : allow\n", "set a = 10.0.0.2\n", "$a : block\n", "=.\u00e9.example : allow # \u{1f600}\n", "\r\n", "\r",
    'include "inc.rules"\n', 'file "list.txt" : block\n', "set b = { 10.1.2.3\n", "}\n", 'env e = B="1"\n',
    "joe@10.0.0.1 : allow, $e\n", "expect 10.0.0.1 : allow\n", "always * : !A\n", "2001:db8::/32 : deny\n",
    "10.0.0.1-10.0.0.9 : allow, limit 3\n", "192.0.2.300\n", "198.51.100.0/24\n", "allow", "postern: 1\n", "\u{1f600}",
    "10.1.0.0/16 : deny # postern: ignore P301\n", 'owner "\u{1f600} x", until 2001-01-01'];
const CLASSIC = ["\n", " ", "#", ":", ",", "=", '"', "10.:allow\n", ":deny\n", "1.2.3.4:allow,A\n",
    '=.x.example:allow,B="\u{1f600}"\n', "10.1-4.:deny\n", "joe@1.2.3.4:deny\n", "\u00e9:allow\n", "2001:db8::1:deny\n",
    "nonsense\n", "\r\n", "\u{1f600}"];
const FAILURES = new Set([-32803, -32602, -32801]);
let state = Number(seed) * 2654435761 % 4294967296 || 1;
let checks = 0, failures = 0;

function draw(below) { // xorshift32 of G. Marsaglia
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state % below;
}

const pick = items => items[draw(items.length)];

function check(good, ...what) {
    checks++;
    if (!good && ++failures < 20)
        console.log("FAILED", ...what.map(w => typeof w === "string" ? w : JSON.stringify(w).slice(0, 1500)));
}

// Texts as the editor has them: their lines and characters are counted here, or by the library.
const utf8 = encoding === "utf-8";
const bytes = text => Buffer.byteLength(text);

class Text {
    constructor(file, text, language) {
        this.file = path.join(folder, file);
        this.uri = pathToFileURL(this.file).href;
        this.document = TextDocument.create(this.uri, language, 1, text);
        this.save();
    }

    get text() { return this.document.getText(); }

    save() { fs.writeFileSync(this.file, this.text); }

    positionAt(offset) {
        const place = this.document.positionAt(offset);
        const start = this.document.offsetAt({ line: place.line, character: 0 });
        return utf8 ? { line: place.line, character: bytes(this.text.slice(start, start + place.character)) } : place;
    }

    offsetAt(place) {
        if (!utf8)
            return this.document.offsetAt(place);
        const start = this.document.offsetAt({ line: place.line, character: 0 });
        const end = this.document.offsetAt({ line: place.line + 1, character: 0 });
        return start + Buffer.from(this.text.slice(start, end)).subarray(0, place.character).toString().length;
    }

    // A position is on its line, and at a character.
    isPlace(place) {
        const again = place.line < this.document.lineCount ? this.positionAt(this.offsetAt(place)) : null;
        return again && again.line === place.line && again.character === place.character;
    }

    holds(range) {
        return this.isPlace(range.start) && this.isPlace(range.end) && this.offsetAt(range.start) <= this.offsetAt(range.end);
    }

    // The text with edits; those that overlap are an error.
    edited(edits) {
        let at = 0, made = "";
        const places = edits.map(e => [this.offsetAt(e.range.start), this.offsetAt(e.range.end), e.newText]);
        places.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        for (const [start, end, text] of places) {
            if (start < at)
                return null;
            made += this.text.slice(at, start) + text;
            at = end;
        }
        return made + this.text.slice(at);
    }

    change(start, end, piece) {
        const range = { start: this.positionAt(start), end: this.positionAt(end) };
        const text = this.text.slice(0, start) + piece + this.text.slice(end);
        this.document = TextDocument.create(this.uri, this.document.languageId, this.document.version + 1, text);
        this.save();
        return { textDocument: { uri: this.uri, version: this.document.version }, contentChanges: [{ range, text: piece }] };
    }

    // An offset that has a position: between characters, and not within the end of a line.
    near(at) {
        const within = (this.text.charCodeAt(at) & 0xfc00) === 0xdc00 || this.text.slice(at - 1, at + 1) === "\r\n";
        return at && within ? at - 1 : at;
    }

    anywhere() { return this.near(draw(this.text.length + 1)); }

    // The same, but rather at a name.
    somewhere() {
        const used = [...this.text.matchAll(/[$]\w/g)];
        return used.length && draw(2) ? pick(used).index + 1 : this.anywhere();
    }
}

// The methods of the protocol, by their names in the package.
const names = { request: {}, notification: {} };
for (const [name, value] of Object.entries(lsp))
    for (const kind of [value?.type, value])
        if (typeof kind?.method === "string" && kind.constructor.name.includes("Type"))
            names[kind.constructor.name.includes("Notification") ? "notification" : "request"][kind.method] ??=
                value.type ? name + ".type" : name;
const PROGRESS = { begin: "lsp.WorkDoneProgressBegin", report: "lsp.WorkDoneProgressReport", end: "lsp.WorkDoneProgressEnd" };
const typed = new Map(); // what has a type, by it

function note(type, value) {
    const values = typed.get(type) ?? typed.set(type, new Set()).get(type);
    if (values.size < 300)
        values.add(JSON.stringify(value));
}

const server = spawn(postern, ["lsp"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
const reader = new lsp.StreamMessageReader(server.stdout), writer = new lsp.StreamMessageWriter(server.stdin);
const asked = new Map();
const write = writer.write.bind(writer), listen = reader.listen.bind(reader);
writer.write = message => {
    if (message.id !== undefined && message.method)
        asked.set(message.id, message.method);
    return write(message);
};
reader.listen = callback => listen(message => {
    const kind = message.id === undefined ? "notification" : "request";
    if (message.method === "$/progress")
        note(PROGRESS[message.params.value.kind] ?? "never", message.params.value);
    else if (message.method)
        note(names[kind][message.method] ? `Params<typeof lsp.${names[kind][message.method]}>` : "never",
            message.params ?? null);
    else if (message.error)
        check(Number.isInteger(message.error.code) && typeof message.error.message === "string", message);
    else
        note(`Result<typeof lsp.${names.request[asked.get(message.id)]}>`, message.result);
    callback(message);
});
const connection = lsp.createProtocolConnection(reader, writer, {
    error: text => check(false, "the connection", text), warn() { }, info() { }, log() { } });
const told = new Map(); // diagnostics, by URI
connection.onNotification(lsp.PublishDiagnosticsNotification.type, p => told.set(p.uri, p.diagnostics));
connection.onRequest(lsp.WorkDoneProgressCreateRequest.type, () => { });
for (const refresh of [lsp.DiagnosticRefreshRequest, lsp.CodeLensRefreshRequest, lsp.InlayHintRefreshRequest,
    lsp.SemanticTokensRefreshRequest])
    connection.onRequest(refresh.type, () => null);
connection.onRequest(lsp.RegistrationRequest.type, () => { });
connection.onUnhandledNotification(m => check(["window/logMessage", "window/showMessage"].includes(m.method), "unhandled", m));
connection.listen();

async function ask(type, params) {
    try {
        return await connection.sendRequest(type, params);
    } catch (error) {
        check(FAILURES.has(error.code), type.method, params, String(error), error.code);
        return undefined;
    }
}

async function begin() {
    const dynamic = { dynamicRegistration: false };
    const result = await connection.sendRequest(lsp.InitializeRequest.type, {
        processId: process.pid, rootUri: pathToFileURL(folder).href, workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "x" }],
        capabilities: {
            general: { positionEncodings: [encoding] },
            window: { workDoneProgress: true, showDocument: { support: false } },
            workspace: { workspaceEdit: { documentChanges: seed % 2 === 0 }, diagnostics: { refreshSupport: true },
                codeLens: { refreshSupport: true }, inlayHint: { refreshSupport: true }, semanticTokens: { refreshSupport: true },
                didChangeWatchedFiles: { dynamicRegistration: true } },
            textDocument: {
                publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true, tagSupport: { valueSet: [1, 2] } },
                ...(pulls === "pull" ? { diagnostic: { ...dynamic, relatedDocumentSupport: true } } : {}),
                hover: { contentFormat: [seed % 2 ? "markdown" : "plaintext"] },
                documentSymbol: { hierarchicalDocumentSymbolSupport: seed % 3 !== 0 },
                completion: { completionItem: { snippetSupport: seed % 2 === 0, documentationFormat: ["markdown"] } },
                codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor.rewrite"] } } },
            } } });
    check(result.capabilities.positionEncoding === encoding, "its encoding", result);
    check(!!result.capabilities.diagnosticProvider === (pulls === "pull"), "whether it is asked", result);
    await connection.sendNotification(lsp.InitializedNotification.type, {});
    return result;
}

// Waits until all is told of a text. Asked, it tells of others that are not open, too.
async function settle(text) {
    const report = await ask(lsp.DocumentDiagnosticRequest.type, { textDocument: { uri: text.uri } });
    if (pulls !== "pull" || !report)
        return;
    told.set(text.uri, report.items);
    for (const [uri, other] of Object.entries(report.relatedDocuments ?? {}))
        told.set(uri, other.items);
}

// What lint says of a saved file: file, byte, severity, code, message.
function linted(file, texts) {
    const done = spawnSync(postern, ["lint", "--format", "json", file], { cwd: folder, encoding: "utf8" });
    check(done.status < 3, "lint", done.stderr);
    return JSON.parse(done.stdout).findings.filter(f => !f.ignored).map(f => {
        const name = path.resolve(folder, f.file), text = texts.find(t => t.file === name)?.text ?? "";
        const before = text.split("\n").slice(0, f.line - 1).join("\n");
        const byte = (f.line > 1 ? bytes(before) + 1 : 0) + f.column - 1;
        return JSON.stringify([name, byte, f.severity, f.kind ?? f.code, f.message]);
    }).sort();
}

function all_told(texts) {
    const found = [];
    for (const [uri, items] of told)
        for (const item of items) {
            const name = fileURLToPath(uri), text = texts.find(t => t.file === name);
            if (text)
                check(text.holds(item.range), "a range in its text", item.range, text.text);
            for (const related of item.relatedInformation ?? []) {
                const other = texts.find(t => t.uri === related.location.uri);
                check(other?.holds(related.location.range), "a related place", related);
            }
            found.push(JSON.stringify([name, text ? bytes(text.text.slice(0, text.offsetAt(item.range.start))) : 0,
                ["", "error", "warning", "note"][item.severity], item.code, item.message.split("\n")[0]]));
        }
    return found.sort();
}

const inside = (a, b) => (b.start.line < a.start.line || b.start.line === a.start.line && b.start.character <= a.start.character) &&
    (a.end.line < b.end.line || a.end.line === b.end.line && a.end.character <= b.end.character);

// The edits of a workspace: each file's do not overlap, and are within it.
function edits_check(edit, texts) {
    const changes = edit?.documentChanges?.map(c => [c.textDocument.uri, c.edits]) ?? Object.entries(edit?.changes ?? {});
    for (const [uri, edits] of changes) {
        const text = texts.find(t => t.uri === uri);
        check(text && edits.every(e => text.holds(e.range)) && text.edited(edits) !== null, "edits", edits, text?.text);
    }
    return changes;
}

function symbols_check(symbols, text) {
    for (const symbol of symbols ?? []) {
        const range = symbol.range ?? symbol.location.range;
        check(text.holds(range) && (!symbol.range || inside(symbol.selectionRange, symbol.range)), "a symbol", symbol);
        symbols_check(symbol.children, text);
    }
}

function tokens_check(tokens, legend, text) {
    let line = 0, character = 0;
    for (let i = 0; i < tokens.data.length; i += 5) {
        const [lines, start, length, type, modifiers] = tokens.data.slice(i, i + 5);
        character = lines ? start : character + start;
        line += lines;
        check((!i || lines || start) && length && type < legend.tokenTypes.length && modifiers < 1 << legend.tokenModifiers.length &&
            text.holds({ start: { line, character }, end: { line, character: character + length } }),
            "a token", [line, character, length, type, modifiers], text.text);
    }
}

// Each request, and what holds for its answer besides its type.
const requests = {
    async hover(t, at) {
        const hover = await ask(lsp.HoverRequest.type, at);
        check(!hover?.range || t.holds(hover.range), "hover", hover);
    },
    async completion(t, at, part, texts, offered) {
        const list = await ask(lsp.CompletionRequest.type, at);
        for (const item of list?.items ?? [])
            check(!item.textEdit || t.holds(item.textEdit.range) && item.textEdit.range.start.line === item.textEdit.range.end.line &&
                inside({ start: at.position, end: at.position }, item.textEdit.range), "completion", item, at);
        check(offered.completionProvider, "completion is offered");
    },
    async signature(t, at) {
        const help = await ask(lsp.SignatureHelpRequest.type, at);
        check(!help || help.signatures.length > (help.activeSignature ?? 0), "signature help", help);
    },
    async definition(t, at, part, texts) {
        for (const location of [await ask(lsp.DefinitionRequest.type, at) ?? []].flat())
            check(texts.find(o => o.uri === location.uri)?.holds(location.range), "a definition", location);
    },
    async references(t, at, part, texts) {
        for (const location of await ask(lsp.ReferencesRequest.type, { ...at, context: { includeDeclaration: draw(2) === 1 } }) ?? [])
            check(texts.find(o => o.uri === location.uri)?.holds(location.range), "a reference", location);
    },
    async highlights(t, at) {
        for (const one of await ask(lsp.DocumentHighlightRequest.type, at) ?? [])
            check(t.holds(one.range), "a highlight", one);
    },
    async rename(t, at, part, texts) {
        const prepared = await ask(lsp.PrepareRenameRequest.type, at);
        const range = prepared?.range ?? prepared;
        check(!prepared || t.holds(range) && inside({ start: at.position, end: at.position }, range), "prepareRename", prepared);
        edits_check(await ask(lsp.RenameRequest.type, { ...at, newName: pick(["other", "a", "9", "\u{1f600}"]) }), texts);
    },
    async symbols(t, at) { symbols_check(await ask(lsp.DocumentSymbolRequest.type, at), t); },
    async everywhere() { await ask(lsp.WorkspaceSymbolRequest.type, { query: pick(["", "a", "x1"]) }); },
    async folds(t, at) {
        for (const fold of await ask(lsp.FoldingRangeRequest.type, at) ?? [])
            check(fold.startLine <= fold.endLine && fold.endLine < t.document.lineCount, "a fold", fold);
    },
    async selections(t, at) {
        const ranges = await ask(lsp.SelectionRangeRequest.type, { ...at, positions: [at.position, part_start] }) ?? [];
        check(ranges.length === 2, "as many as were asked for", ranges);
        for (let one of ranges)
            for (; one?.parent; one = one.parent)
                check(t.holds(one.range) && inside(one.range, one.parent.range), "a selection", one);
    },
    async links(t, at) {
        for (const link of await ask(lsp.DocumentLinkRequest.type, at) ?? [])
            check(t.holds(link.range) && link.target?.startsWith("file:///"), "a link", link);
    },
    async layout(t, at) {
        const edits = await ask(lsp.DocumentFormattingRequest.type, { ...at, options: { tabSize: 4, insertSpaces: true } });
        const done = spawnSync(postern, ["fmt", "-"], { input: t.text, encoding: "utf8" });
        if (edits) // of rules with errors there is none
            check(done.status !== 0 || t.edited(edits) === done.stdout, "layout", t.text, edits, done.stdout);
        else
            check(done.status !== 0, "there is a layout", t.text);
    },
    async part_layout(t, at, part) {
        const edits = await ask(lsp.DocumentRangeFormattingRequest.type, { ...at, range: part, options: { tabSize: 4, insertSpaces: true } });
        check(!edits || edits.every(e => t.holds(e.range)) && t.edited(edits) !== null, "layout of a part", edits);
    },
    async tokens(t, at, part, texts, offered) {
        const tokens = await ask(lsp.SemanticTokensRequest.type, at);
        tokens_check(tokens, offered.semanticTokensProvider.legend, t);
        tokens_check(await ask(lsp.SemanticTokensRangeRequest.type, { ...at, range: part }), offered.semanticTokensProvider.legend, t);
    },
    async hints(t, at, part) {
        for (const hint of await ask(lsp.InlayHintRequest.type, { ...at, range: part }) ?? [])
            check(t.isPlace(hint.position) && inside({ start: hint.position, end: hint.position },
                { start: { line: part.start.line, character: 0 }, end: { line: part.end.line + 1, character: 0 } }), "a hint", hint, part);
    },
    async lenses(t, at) {
        for (const lens of await ask(lsp.CodeLensRequest.type, at) ?? [])
            check(t.holds(lens.range) && lens.range.start.line === lens.range.end.line && lens.command?.title, "a lens", lens);
    },
    async actions(t, at, part, texts) {
        const context = { diagnostics: (told.get(t.uri) ?? []).filter(d => draw(2)) };
        for (const action of await ask(lsp.CodeActionRequest.type, { ...at, range: part, context }) ?? []) {
            edits_check(action.edit, texts);
            check(action.title && action.kind, "an action", action);
        }
    },
    async what_if(t, at) {
        const answer = await ask(lsp.ExecuteCommandRequest.type, { command: "postern.check", arguments: [
            { uri: t.uri, client: pick(["10.0.0.1", "joe@10.1.2.3 =mx.x.example", "2001:db8::1", "nobody"]) }] });
        check(!answer || ["allow", "deny"].includes(answer.verdict), "what if", answer);
        await ask(lsp.ExecuteCommandRequest.type, { command: "postern.who", arguments: [{ uri: t.uri, position: at.position }] });
    },
};
let part_start;

async function step(texts, opened, offered, number) {
    const text = draw(2) ? texts[0] : pick(opened);
    const start = draw(2) ? text.text.length : text.anywhere();
    const end = Math.max(start, text.near(Math.min(text.text.length, start + pick([0, 0, 1, 3, 12]))));
    const classic = texts[0].document.languageId === "classic";
    await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, text.change(start, end, pick(classic ? CLASSIC : EXTENDED)));
    for (const one of opened)
        await settle(one);
    const found = all_told(texts), root = linted(texts[0].file, texts);
    const alone = opened.includes(texts[1]) ? linted(texts[1].file, texts) : [];
    const same = list => JSON.stringify(found) === JSON.stringify([...list].sort());
    check(same(root) || same(root.concat(alone)), "step", number, "\nlint", root, "\nalone", alone, "\ntold", found, "\ntexts", texts.map(t => t.text));
    for (const [name, request] of Object.entries(requests)) {
        if (draw(4))
            continue;
        const t = pick(opened), two = [t.anywhere(), t.anywhere()].sort((a, b) => a - b);
        const part = { start: t.positionAt(two[0]), end: t.positionAt(two[1]) };
        part_start = part.start;
        const before = failures;
        await request(t, { textDocument: { uri: t.uri }, position: t.positionAt(t.somewhere()) }, part, texts, offered);
        if (failures > before)
            console.log("in", name, "of step", number);
    }
}

function types_write() {
    const lines = ['import * as lsp from "vscode-languageserver-protocol";',
        "type Null<R> = [R] extends [void] ? null : R;", // how void is sent
        "type Result<T> = T extends lsp.ProtocolRequestType<any, infer R, any, any, any> ? R : " +
        "T extends lsp.ProtocolRequestType0<infer R, any, any, any> ? Null<R> : never;",
        "type Params<T> = T extends lsp.ProtocolNotificationType<infer P, any> ? P : " +
        "T extends lsp.ProtocolRequestType<infer P, any, any, any, any> ? P : T extends lsp.ProtocolRequestType0<any, any, any, any> ? null : never;"];
    let number = 0;
    for (const [type, values] of typed)
        for (const value of values)
            lines.push(`export const v${number++}: ${type} = ${value};`);
    fs.writeFileSync(out, lines.join("\n") + "\n");
    return number;
}

async function main() {
    const classic = seed % 3 === 2;
    const texts = [new Text("root.rules", classic ? "" : "postern: 1\n", classic ? "classic" : "postern"),
        new Text("inc.rules", classic ? "192.168.:deny\n" : "postern: 1\nset a = 10.0.0.1\n", "postern"),
        new Text("list.txt", "192.0.2.0/24\n198.51.100.7 # x\n", "postern-list")];
    const offered = (await begin()).capabilities;
    const opened = texts.filter((t, i) => !i || draw(2));
    for (const t of opened)
        await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: {
            uri: t.uri, languageId: t.document.languageId === "classic" ? "postern" : t.document.languageId, version: 1, text: t.text } });
    for (let i = 0; i < Number(steps) && failures < 5; i++)
        await step(texts, opened, offered, i);
    await connection.sendRequest(lsp.ShutdownRequest.type);
    await connection.sendNotification(lsp.ExitNotification.type);
    const status = await new Promise(done => server.on("exit", done));
    check(status === 0, "its status", status);
    console.log(`${checks} checks, ${failures} failures, ${types_write()} messages`);
    process.exit(failures ? 1 : 0);
}

main().catch(error => { console.log(error); process.exit(1); });
