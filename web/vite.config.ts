import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const service = process.env.HEADWATER_URL ?? "http://127.0.0.1:5000";
const built = "../src/headwater/service/web";

/** Compress once, here, what would be compressed for every visitor. Fonts are compressed already. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = built }) {
      const names = readdirSync(dir, { recursive: true, encoding: "utf-8" });
      for (const name of names.filter((one) => /\.(html|js|css|svg)$/.test(one))) {
        const path = join(dir, name);
        const data = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(data, { level: constants.Z_BEST_COMPRESSION }));
        writeFileSync(`${path}.br`, brotliCompressSync(data));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
  build: {
    outDir: built,
    emptyOutDir: true,
    // The service sends `default-src 'self'`: nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: {
    proxy: Object.fromEntries(["/api", "/log", "/schema"].map((path) => [path, service])),
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
