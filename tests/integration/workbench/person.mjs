// A person at a page, in chromium: what they type and click, and what they then read.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const { chromium } = createRequire(path.join(process.cwd(), "/"))("playwright-core");
// what stands for a thing that has no words
const MARKS = { "a red wave": ".squiggly-error", "a yellow wave": ".squiggly-warning",
  "a lit line": ".view-overlays .cdr[class*='ced-']", "a picture": "iframe.webview.ready" };

// `arguments_` are the browser's own; `said` is what the page told its console.
export async function sitDown({ size, rest, arguments_ }) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", ...(arguments_ ?? [])] });
  const page = await browser.newPage({ viewport: size ?? { width: 1000, height: 560 } });
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (problem) => said.push(problem.stack));

  // Keys as the page has them: text, <Ctrl+P>, and «what» is clicked; a short rest between them, as people have.
  async function type(keys) {
    for (const [, key, click, text] of keys.matchAll(/<([A-Za-z][A-Za-z0-9+.]*)>|«([^»]*)»|([^<«]+|<)/g)) {
      if (click) await page.getByText(click, { exact: true }).first().dblclick();
      else if (!key) await page.keyboard.type(text, { delay: 30 });
      else await page.keyboard.press(key.replace("Ctrl", "Control"));
      await page.waitForTimeout(rest ?? 700);
    }
  }

  const read = () => page.evaluate(() => document.body.innerText.replaceAll("\u00a0", " "));

  // with ¬ before it, a text is not there now, and a mark goes away
  async function sees(piece) {
    const not = piece.startsWith("¬"), name = not ? piece.slice(1) : piece;
    if (not && !MARKS[name]) return !(await read()).includes(name);
    const until = Date.now() + 20000;
    while (Date.now() < until) {
      const there = MARKS[name] ? await page.locator(MARKS[name]).count() > 0 : (await read()).includes(name);
      if (there !== not) return true;
      await page.waitForTimeout(100);
    }
    return false;
  }

  // Rows of [keys, [what is then to be read on the page]], with pictures by their keys. Instead of keys, another program
  // may write a file: { write: [path, text] }.
  async function goThrough(rows, pictures) {
    for (const [keys, pieces] of rows) {
      if (keys.write) fs.writeFileSync(...keys.write);
      else await type(keys);
      for (const piece of pieces)
        if (!(await sees(piece))) throw new Error(`after ${JSON.stringify(keys)} not so:  ${piece}:\n${await read()}`);
      if (pictures?.[keys]) await page.screenshot({ path: pictures[keys] });
    }
  }
  return { browser, page, said, goThrough };
}
