// A person at the workbench, in chromium: node drive.mjs GIVEN, a file of JSON with `rows` of [keys, [what is then to be
// read on the page]], `pictures` by row, and what serve.mjs takes. It prints the texts that are open at the end.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { serve } from "./serve.mjs";

const { chromium } = createRequire(path.join(process.cwd(), "/"))("playwright-core");
const asked = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const server = await serve(asked);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: asked.size ?? { width: 1000, height: 560 } });
const said = [];
page.on("console", (message) => said.push(message.text()));
page.on("pageerror", (problem) => said.push(problem.stack));

// Keys as the page has them: text, <Ctrl+P>, and «what» is clicked; a short rest between them, as people have.
async function type(keys) {
  for (const [, key, click, text] of keys.matchAll(/<([A-Za-z][A-Za-z0-9+.]*)>|«([^»]*)»|([^<«]+|<)/g)) {
    if (click) await page.getByText(click, { exact: true }).first().dblclick();
    else if (!key) await page.keyboard.type(text, { delay: 30 });
    else await page.keyboard.press(key.replace("Ctrl", "Control"));
    await page.waitForTimeout(asked.rest ?? 700);
  }
}

const read = () => page.evaluate(() => document.body.innerText.replaceAll("\u00a0", " "));
// what stands for a thing that has no words
const marks = { "a red wave": ".squiggly-error", "a lit line": ".view-overlays .cdr[class*='ced-']", "a picture": "iframe.webview.ready" };

// with ¬ before it, it is not there now
async function sees(piece) {
  if (piece.startsWith("¬")) return !(await read()).includes(piece.slice(1));
  const until = Date.now() + 20000;
  while (Date.now() < until) {
    if (marks[piece] ? await page.locator(marks[piece]).count() : (await read()).includes(piece)) return true;
    await page.waitForTimeout(100);
  }
  return false;
}

let status = 0;
try {
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => globalThis.vscode, null, { timeout: 120000 });
  for (const [keys, pieces] of asked.rows) {
    await type(keys);
    for (const piece of pieces)
      if (!(await sees(piece))) throw new Error(`after ${keys} there is no ${piece}:\n${await read()}`);
    if (asked.pictures?.[keys]) await page.screenshot({ path: asked.pictures[keys] });
  }
  console.log(JSON.stringify(await page.evaluate(() => Object.fromEntries(globalThis.vscode.workspace.textDocuments
    .filter((document) => document.languageId === "postern").map((document) => [document.uri.path, document.getText()])))));
} catch (problem) {
  status = 1;
  console.error(problem.message, said.slice(-5).join("\n"));
  if (asked.failure) await page.screenshot({ path: asked.failure });
}
await browser.close();
process.exit(status);
