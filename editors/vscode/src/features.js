// What the extension does with a language server, wherever that runs: questions about clients, with the rule that
// decides lit, and maps.
import * as vscode from "vscode";

const LANGUAGE = "postern";

// The options of a client that are the same for all ways to a server.
export function clientOptions() {
  const settings = vscode.workspace.getConfiguration("postern");
  return {
    documentSelector: [{ scheme: "file", language: LANGUAGE }, { scheme: "untitled", language: LANGUAGE }],
    initializationOptions: { postern: { roots: settings.get("roots", []) } },
    synchronize: {
      // lists and includes, as other programs write them
      fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.rules,*.txt,*.list,*.zone,*.netset,.postern}"),
    },
  };
}

function theEditor() {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId === LANGUAGE) return editor;
  vscode.window.showErrorMessage("Postern: a file of rules is wanted in front.");
  return undefined;
}

const rangeOf = ({ start, end }) => new vscode.Range(start.line, start.character, end.line, end.character);
const nameOf = (uri) => uri.path.slice(uri.path.lastIndexOf("/") + 1);

// The lines that decided the last question.
class Lights {
  constructor() {
    this.type = vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor("editor.wordHighlightStrongBackground"),
      overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.wordHighlightStrongForeground"),
      overviewRulerLane: vscode.OverviewRulerLane.Full,
    });
    this.places = [];
  }

  show() {
    for (const editor of vscode.window.visibleTextEditors)
      editor.setDecorations(this.type, this.places.filter((p) => p.uri.toString() === editor.document.uri.toString())
        .map((p) => ({ range: p.range, renderOptions: { after: { contentText: p.text, margin: "0 0 0 2em",
          color: new vscode.ThemeColor("editorCodeLens.foreground") } } })));
    vscode.commands.executeCommand("setContext", "postern.isLit", this.places.length > 0);
  }

  set(places) {
    this.places = places;
    this.show();
  }

  dispose() {
    this.type.dispose();
  }
}

// `makeClient()` gives a client of a server that is not started yet; `drawMap(document)` an SVG.
export async function begin(context, { makeClient, drawMap }) {
  const steps = vscode.window.createOutputChannel("Postern: Steps", LANGUAGE);
  const lights = new Lights();
  let client = await makeClient();
  let asked = "";

  async function ask(command, argument) {
    try {
      return await client.sendRequest("workspace/executeCommand", { command, arguments: [argument] });
    } catch (problem) {
      vscode.window.showErrorMessage(`Postern: ${problem.message}`);
      return undefined;
    }
  }

  // `who` is the client, where another extension or a key already knows it
  async function checkClient(who) {
    const editor = theEditor();
    if (!editor) return undefined;
    if (typeof who !== "string")
      who = await vscode.window.showInputBox({ title: "What is a client answered?", value: asked,
        prompt: "An address; perhaps an ident before it, and a host behind it.",
        placeHolder: "192.0.2.7, or joe@192.0.2.7 =mx.example.com", ignoreFocusOut: true });
    if (!who) return undefined;
    asked = who;
    const answer = await ask("postern.check", { uri: editor.document.uri.toString(), client: who });
    if (!answer) return undefined;
    const said = `${who}: ${answer.answer.trim().replace(/\s*\n\s*/g, ", ")}`;
    lights.set(answer.ranges.map(({ uri, range }, at) => ({ uri: vscode.Uri.parse(uri), range: rangeOf(range),
      text: at ? "its entry" : said })));
    steps.clear();
    steps.appendLine(`# ${said}`);
    for (const { step, key, found } of answer.trace) steps.appendLine(`# ${step}: ${key || "-"}${found ? "  found" : ""}`);
    const rule = lights.places[0];
    const where = rule ? `, by line ${rule.range.start.line + 1} of ${nameOf(rule.uri)}` : "";
    const shown = vscode.window.showInformationMessage(said + where, ...(rule ? ["Show the Rule"] : []), "Show the Steps");
    shown.then((choice) => {
      if (choice === "Show the Steps") steps.show(true);
      else if (choice) vscode.window.showTextDocument(rule.uri, { selection: rule.range });
    });
    return answer;
  }

  async function whoHere() {
    const editor = theEditor();
    return editor && ask("postern.who", { uri: editor.document.uri.toString(), position: editor.selection.active, show: true });
  }

  async function map() {
    const editor = theEditor();
    if (!editor) return;
    if (!vscode.workspace.isTrusted) {
      vscode.window.showErrorMessage("Postern: a map is drawn by a program, in workspaces that are trusted.");
      return;
    }
    try {
      const svg = await drawMap(editor.document);
      const panel = vscode.window.createWebviewPanel("postern.map", `Map: ${nameOf(editor.document.uri)}`,
        vscode.ViewColumn.Beside, { enableScripts: false, localResourceRoots: [] });
      // as a picture: whatever stands in it is never run
      const picture = btoa(Array.from(new TextEncoder().encode(svg), (byte) => String.fromCharCode(byte)).join(""));
      panel.webview.html = `<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"
        content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"></head><body style="background: #fff">
        <img style="width: 100%; max-height: 98vh" alt="The addresses as a square" src="data:image/svg+xml;base64,${picture}">
        </body></html>`;
    } catch (problem) {
      vscode.window.showErrorMessage(`Postern: ${problem.message}`);
    }
  }

  async function restart() {
    await client.dispose();
    client = await makeClient();
    await client.start();
  }

  context.subscriptions.push(steps, lights, { dispose: () => client.dispose() },
    vscode.commands.registerCommand("postern.checkClient", checkClient),
    vscode.commands.registerCommand("postern.whoHere", whoHere),
    vscode.commands.registerCommand("postern.forget", () => lights.set([])),
    vscode.commands.registerCommand("postern.map", map),
    vscode.commands.registerCommand("postern.restart", restart),
    vscode.window.onDidChangeVisibleTextEditors(() => lights.show()),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.languageId === LANGUAGE && contentChanges.length && lights.places.length) lights.set([]);
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (["postern.server", "postern.roots"].some((name) => change.affectsConfiguration(name))) restart();
    }));
  await client.start();
  return client;
}
