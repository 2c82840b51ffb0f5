// The workbench as one page: node build.mjs EDITORS OUT, in a folder with node_modules.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import * as esbuild from "esbuild";

const [editors, out] = process.argv.slice(2).map((name) => path.resolve(name));
const here = path.dirname(new URL(import.meta.url).pathname);
const require = createRequire(path.join(process.cwd(), "/"));

// new URL("./x", import.meta.url) names a file beside the module: it is copied
const assets = {
  name: "assets",
  setup(build) {
    build.onLoad({ filter: /@codingame[\\/].*\.js$/ }, async ({ path: file }) => {
      let text = await fs.promises.readFile(file, "utf8");
      if (!text.includes("import.meta.url")) return undefined;
      const imports = [];
      text = text.replace(/new URL\(\s*(['"`])([^'"`]+)\1,\s*import\.meta\.url\s*\)/g, (whole, _, name) => {
        const target = path.resolve(path.dirname(file), name);
        if (!fs.existsSync(target)) return whole;
        imports.push(`import asset${imports.length} from ${JSON.stringify(target + "?asset")};`);
        return `new URL(asset${imports.length - 1}, globalThis.location.href)`;
      });
      return { contents: imports.join("\n") + text, loader: "js" };
    });
    build.onResolve({ filter: /\?asset$/ }, ({ path: name }) => ({ path: name.slice(0, -6), namespace: "asset" }));
    build.onLoad({ filter: /.*/, namespace: "asset" }, async ({ path: file }) =>
      ({ contents: await fs.promises.readFile(file), loader: "file" }));
  },
};
// modules of the extension, and of its client, lie elsewhere
const elsewhere = {
  name: "elsewhere",
  setup(build) {
    build.onResolve({ filter: /^vscode$/ }, () => ({ path: require.resolve("@codingame/monaco-vscode-extension-api") }));
    build.onResolve({ filter: /^extension\// }, ({ path: name }) => ({ path: path.join(editors, "vscode", name.slice(10)) }));
  },
};
const common = { bundle: true, format: "esm", target: "es2022", logLevel: "error", outdir: out, assetNames: "[name]-[hash]",
  nodePaths: [path.resolve("node_modules")], loader: { ".ttf": "file", ".svg": "file", ".png": "file", ".wasm": "file", ".mp3": "file" },
  define: { "process.env.NODE_ENV": '"production"' }, conditions: ["browser"], external: ["node:*"], absWorkingDir: process.cwd() };
await esbuild.build({ ...common, entryPoints: { main: path.join(here, "main.js") }, plugins: [elsewhere, assets], splitting: true });
await esbuild.build({ ...common, plugins: [assets], entryPoints: {
  "editor.worker": require.resolve("@codingame/monaco-vscode-api/workers/editor.worker"),
  "textmate.worker": require.resolve("@codingame/monaco-vscode-textmate-service-override/worker") } });
fs.copyFileSync(path.join(here, "index.html"), path.join(out, "index.html"));
