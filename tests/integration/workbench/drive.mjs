// A person at the workbench, in chromium: node drive.mjs GIVEN, a file of JSON with `rows` of [keys, [what is then to be
// read on the page]], `pictures` by row, and what serve.mjs takes. It prints the texts that are open at the end.
import fs from "node:fs";
import { sitDown } from "./person.mjs";
import { serve } from "./serve.mjs";

const asked = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const server = await serve(asked);
const { browser, page, said, goThrough } = await sitDown(asked);

let status = 0;
try {
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => globalThis.vscode, null, { timeout: 120000 });
  await goThrough(asked.rows, asked.pictures);
  console.log(JSON.stringify(await page.evaluate(() => Object.fromEntries(globalThis.vscode.workspace.textDocuments
    .filter((document) => document.languageId === "postern").map((document) => [document.uri.path, document.getText()])))));
} catch (problem) {
  status = 1;
  console.error(problem.message, said.slice(-5).join("\n"));
  if (asked.failure) await page.screenshot({ path: asked.failure });
}
await browser.close();
process.exit(status);
