// The extension: the server is a process, by the user's own settings.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";
import * as vscode from "vscode";
import { begin, clientOptions } from "./features.js";

const setting = (name, otherwise) => vscode.workspace.getConfiguration("postern").get(name, otherwise);

function makeClient() {
  const command = setting("server.path", "postern");
  return new LanguageClient("postern", "Postern", {
    command, args: setting("server.arguments", ["lsp"]), transport: TransportKind.stdio,
  }, clientOptions());
}

async function drawMap(document) {
  if (document.isUntitled || document.isDirty) throw new Error("a map is of the saved file: save it first");
  const file = document.uri.fsPath;
  try {
    const { stdout } = await promisify(execFile)(setting("server.path", "postern"), ["map", "-o", "-", "--", path.basename(file)],
      { cwd: path.dirname(file), maxBuffer: 1 << 26, timeout: 60000 });
    return stdout;
  } catch (problem) {
    throw new Error(problem.stderr?.trim() || problem.message);
  }
}

export async function activate(context) {
  try {
    await begin(context, { makeClient, drawMap });
  } catch (problem) {
    const choice = await vscode.window.showErrorMessage(
      `Postern: the language server does not start: ${problem.message}`, "Say Where It Is");
    if (choice) vscode.commands.executeCommand("workbench.action.openSettings", "postern.server.path");
  }
}

export function deactivate() {}
