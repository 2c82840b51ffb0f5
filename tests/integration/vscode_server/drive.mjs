// A person at the server of VS Code, in chromium: node drive.mjs GIVEN, a file of JSON with the page's `url`, `rows` of
// [keys, [what is then to be read]] and `pictures` by row. Nothing but this machine's own addresses is asked.
import fs from "node:fs";
import { sitDown } from "./person.mjs";

const asked = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { browser, page, said, goThrough } = await sitDown({ ...asked,
  arguments_: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });

let status = 0;
try {
  await page.goto(asked.url);
  await page.getByText(asked.until, { exact: true }).first().waitFor({ timeout: 120000 });
  await goThrough(asked.rows, asked.pictures);
} catch (problem) {
  status = 1;
  console.error(problem.message, said.filter((text) => !text.includes("spdlog")).slice(-5).join("\n"));
  if (asked.failure) await page.screenshot({ path: asked.failure });
}
await browser.close();
process.exit(status);
