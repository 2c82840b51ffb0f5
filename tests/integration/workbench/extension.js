// What needs the API of extensions, which is there only when the workbench is.
export { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from "vscode-languageclient/browser";
export { begin, clientOptions } from "extension/src/features.js";
