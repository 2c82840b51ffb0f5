// What goes into the package: the extension and its client in one file, with the licences of what is in it, and the
// grammar.
import fs from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";

fs.rmSync("dist", { recursive: true, force: true });
fs.mkdirSync("syntaxes", { recursive: true });
fs.copyFileSync("../textmate/postern.tmLanguage.json", "syntaxes/postern.tmLanguage.json");
fs.copyFileSync("../../LICENSE", "LICENSE");
const made = await esbuild.build({
  entryPoints: ["src/extension.js"], outfile: "dist/extension.js", bundle: true, platform: "node", format: "cjs",
  target: "node18", external: ["vscode"], legalComments: "none", minify: true, metafile: true, logLevel: "warning",
});
const packages = new Set(Object.keys(made.metafile.inputs)
  .map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean));
const notices = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence to be shown`);
  return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(folder, file), "utf8").trim()}\n`;
});
fs.writeFileSync("dist/notices.txt", notices.join(`\n${"-".repeat(80)}\n\n`));
