/**
 * The web application: its pages and its files.
 *
 * Pages are one document, whatever their path. It names its files relative to its own depth, so that all works under
 * whatever prefix a proxy in front puts before the path.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { Hono } from "@hono/hono";
import { z } from "zod";
import { ScouterError } from "../errors.ts";
import type { HttpApp, HttpContext, HttpEnv } from "./context.ts";

/** A file of the application. */
export interface UiAsset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, packed when the first browser asks. */
  gzip(): Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** The built application. */
export interface UiAssets {
  /** Files by name; names carry a hash of the content. */
  readonly files: ReadonlyMap<string, UiAsset>;
  /** The scripts of each page, by the name of its source. */
  readonly preload: Readonly<Record<string, readonly string[]>>;
}

const Preload = z.record(z.string(), z.array(z.string()));

/** What the routes need. */
export interface UiRoutesDeps {
  readonly assets: UiAssets;
}

const BUILT = new URL("../ui/built/", import.meta.url);

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Nothing inline, nothing from elsewhere, and no text ever taken for markup. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/**
 * Paths of pages and the sources they are shown by; `*` is not among them, so that a mistyped path of the API stays an
 * error. The first that fits counts.
 */
const PAGES: Readonly<Record<string, string>> = {
  "/": "overview_page",
  "/traces": "traces_page",
  "/traces/compare": "compare_page",
  "/traces/:id": "trace_page",
  "/services": "services_page",
  "/genai": "genai_page",
  "/genai/conversations/:id": "conversation_page",
  "/login": "login_page",
  "/admin": "admin_page",
  "/admin/:section": "admin_page",
};

/** Reads the built application. */
export async function loadUiAssets(): Promise<UiAssets> {
  const files = new Map<string, UiAsset>();
  for (const name of await readdir(BUILT)) {
    const contentType = CONTENT_TYPES[name.split(".").at(-1) ?? ""];
    if (contentType === undefined) continue;
    const bytes = new Uint8Array(await readFile(new URL(name, BUILT)));
    let packed: Uint8Array<ArrayBuffer> | null = null;
    const gzip = () => packed ??= new Uint8Array(gzipSync(bytes, { level: 9 }));
    files.set(name, { bytes, gzip, contentType });
  }
  const preload = files.size === 0
    ? {}
    : Preload.parse(JSON.parse(await readFile(new URL("preload.json", BUILT), "utf8")));
  return { files, preload };
}

/** Pages, and files under `/assets`. They are not part of the REST API, hence `all`. */
export function uiRoutes({ assets }: UiRoutesDeps): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>();

  for (const [path, page] of Object.entries(PAGES)) {
    app.all(path, (c, next) => {
      if (!isRead(c)) return next();
      return Promise.resolve(pageResponse(c.req.path, page, assets, 200));
    });
  }

  app.all("/assets/:name", (c, next) => {
    const asset = assets.files.get(c.req.param("name"));
    if (asset === undefined || !isRead(c)) return next();
    const packed = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
    return Promise.resolve(
      new Response(packed ? asset.gzip() : asset.bytes, {
        headers: {
          "content-type": asset.contentType,
          "cache-control": "public, max-age=31536000, immutable",
          vary: "accept-encoding",
          ...(packed ? { "content-encoding": "gzip" } : {}),
        },
      }),
    );
  });

  return app;
}

/**
 * What a browser is shown at a path where nothing is; undefined for programs, which are told so in JSON. A slash too
 * many at the end is taken away first, relative to the prefix that a proxy may have put before.
 */
export function missingPage(assets: UiAssets): (c: HttpContext) => Response | undefined {
  return (c) => {
    const { path } = c.req;
    if (!isRead(c) || !c.req.header("accept")?.includes("text/html")) return undefined;
    if (path.startsWith("/scouter/") || assets.files.size === 0) return undefined;
    const [, last] = /\/([^/]+)\/$/.exec(path) ?? [];
    if (last !== undefined) {
      const { search } = new URL(c.req.url);
      return new Response(null, { status: 308, headers: { location: `../${last}${search}` } });
    }
    return pageResponse(path, "", assets, 404);
  };
}

function pageResponse(path: string, page: string, assets: UiAssets, status: number): Response {
  return new Response(pageHtml(path, page, assets), {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "cache-control": "no-cache",
    },
  });
}

function isRead(c: HttpContext): boolean {
  return c.req.method === "GET" || c.req.method === "HEAD";
}

/** The document of a page. */
function pageHtml(path: string, page: string, { files, preload }: UiAssets): string {
  const file = (prefix: string, suffix: string) => {
    const name = [...files.keys()].find((key) => key.startsWith(prefix) && key.endsWith(suffix));
    if (name === undefined) {
      throw new ScouterError(
        "NOT_IMPLEMENTED",
        "This server was made without the web application.",
        {
          suggestedAction: "Build it with `deno task ui` and start the server again.",
        },
      );
    }
    return `assets/${name}`;
  };
  const depth = path.split("/").length - 2;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<base href="${depth === 0 ? "./" : "../".repeat(depth)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Scouter</title>
<link rel="icon" href="${file("icon-", ".svg")}">
<link rel="stylesheet" href="${file("style-", ".css")}">
<script type="module" src="${file("app-", ".js")}"></script>
${
    (preload[page] ?? []).map((name) => `<link rel="modulepreload" href="assets/${name}">`).join(
      "\n",
    )
  }
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript.</noscript>
</body>
</html>
`;
}
