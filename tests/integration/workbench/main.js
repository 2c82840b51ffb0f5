// The workbench of VS Code in a page, with the extension's manifest, grammar, snippets and code. The language server
// is at the other end of a socket; files are those of a folder, as a list of texts.
import { initialize } from "@codingame/monaco-vscode-api";
import { registerExtension, ExtensionHostKind } from "@codingame/monaco-vscode-api/extensions";
import getConfiguration, { initUserConfiguration } from "@codingame/monaco-vscode-configuration-service-override";
import getBulkEdit from "@codingame/monaco-vscode-bulk-edit-service-override";
import getDialogs from "@codingame/monaco-vscode-dialogs-service-override";
import getEnvironment from "@codingame/monaco-vscode-environment-service-override";
import getExplorer from "@codingame/monaco-vscode-explorer-service-override";
import getExtensions from "@codingame/monaco-vscode-extensions-service-override";
import getFiles, { RegisteredFileSystemProvider, RegisteredMemoryFile, registerFileSystemOverlay }
  from "@codingame/monaco-vscode-files-service-override";
import getKeybindings from "@codingame/monaco-vscode-keybindings-service-override";
import getLanguages from "@codingame/monaco-vscode-languages-service-override";
import getLifecycle from "@codingame/monaco-vscode-lifecycle-service-override";
import getLog from "@codingame/monaco-vscode-log-service-override";
import getMarkers from "@codingame/monaco-vscode-markers-service-override";
import getModel from "@codingame/monaco-vscode-model-service-override";
import getNotifications from "@codingame/monaco-vscode-notifications-service-override";
import getOutline from "@codingame/monaco-vscode-outline-service-override";
import getQuickAccess from "@codingame/monaco-vscode-quickaccess-service-override";
import getSnippets from "@codingame/monaco-vscode-snippets-service-override";
import getStorage from "@codingame/monaco-vscode-storage-service-override";
import getTextmate from "@codingame/monaco-vscode-textmate-service-override";
import getTheme from "@codingame/monaco-vscode-theme-service-override";
import "@codingame/monaco-vscode-extension-api/localExtensionHost";
import "@codingame/monaco-vscode-theme-defaults-default-extension";
import getWorkbench from "@codingame/monaco-vscode-workbench-service-override";
import getWorkspaceTrust from "@codingame/monaco-vscode-workspace-trust-service-override";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";

const workers = { TextMateWorker: "textmate.worker.js" };
globalThis.MonacoEnvironment = {
  getWorkerUrl: (_, label) => new URL(workers[label] ?? "editor.worker.js", location.href).href,
  getWorkerOptions: () => ({ type: "module" }),
};
const given = await (await fetch("given.json")).json();
const folder = URI.file(given.folder);
const files = new RegisteredFileSystemProvider(false);
for (const [name, text] of Object.entries(given.files))
  files.registerFile(new RegisteredMemoryFile(URI.joinPath(folder, name), text));
registerFileSystemOverlay(1, files);
await initUserConfiguration(JSON.stringify(given.settings));
await initialize({
  ...getConfiguration(), ...getBulkEdit(), ...getDialogs(), ...getEnvironment(), ...getExplorer(), ...getExtensions(),
  ...getFiles(), ...getKeybindings(), ...getLanguages(), ...getLifecycle(), ...getLog(), ...getMarkers(), ...getModel(),
  ...getNotifications(), ...getOutline(), ...getQuickAccess(), ...getSnippets(), ...getStorage(), ...getTextmate(),
  ...getTheme(), ...getWorkbench(), ...getWorkspaceTrust(),
}, document.getElementById("workbench"), {
  workspaceProvider: { workspace: { folderUri: folder }, open: async () => false },
  enableWorkspaceTrust: true, developmentOptions: {},
}, {});

// its manifest as it is packaged, but for the program, which is below
const manifest = { ...given.manifest, main: undefined, activationEvents: undefined };
const extension = registerExtension(manifest, ExtensionHostKind.LocalProcess);
for (const [name, text] of Object.entries(given.parts))
  extension.registerFileUrl(name, URL.createObjectURL(new Blob([text], { type: "application/json" })),
    { mimeType: "application/json", size: text.length });
await extension.whenReady();
await extension.setAsDefaultApi();
const vscode = await extension.getApi();

const { BrowserMessageReader, BrowserMessageWriter, LanguageClient, begin, clientOptions } = await import("./extension.js");

// what reader and writer take for a worker is a socket
async function worker() {
  const socket = new WebSocket(given.socket);
  await new Promise((done, failed) => Object.assign(socket, { onopen: done, onerror: failed }));
  const port = new EventTarget();
  port.postMessage = (message) => socket.send(JSON.stringify(message));
  port.terminate = () => socket.close();
  socket.onmessage = ({ data }) => port.onmessage({ data: JSON.parse(data) });
  return port;
}

const makeClient = () => new LanguageClient("postern", "Postern", async () => {
  const port = await worker();
  return { reader: new BrowserMessageReader(port), writer: new BrowserMessageWriter(port) };
}, clientOptions());
const drawMap = async ({ uri }) => (await fetch("map?" + encodeURIComponent(uri.path))).text();
await begin({ subscriptions: [] }, { makeClient, drawMap });
globalThis.vscode = vscode;
document.title = "ready";
