/**
 * PGlite on a directory, made durable.
 *
 * As shipped, PGlite runs with `fsync` off and its file layer ignores the call: committed rows survive the death
 * of the process but not of the machine. Here PostgreSQL's own WAL discipline is switched back on.
 *
 * @module
 */

import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";
import { Buffer } from "node:buffer";
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The part of Emscripten's module object used here. */
const EmscriptenModule = z.looseObject({
  NODEFS: z.looseObject({ stream_ops: z.record(z.string(), z.unknown()) }),
});
const OpenStream = z.looseObject({ nfd: z.number() });

class DurableNodeFS extends NodeFS {
  override async init(pg: PGlite, options: Parameters<NodeFS["init"]>[1]) {
    const inited = await super.init(pg, options);
    const preRun = inited.emscriptenOpts.preRun;
    const before = typeof preRun === "function" ? [preRun] : preRun ?? [];
    const addFsync = (module: unknown) => {
      const { NODEFS } = EmscriptenModule.parse(module);
      NODEFS.stream_ops.fsync = (stream: unknown) => {
        const open = OpenStream.safeParse(stream);
        // Directories have no descriptor in this layer; their entries are made durable by the WAL's own replay.
        if (open.success) fsyncSync(open.data.nfd);
        return 0;
      };
    };
    return {
      ...inited,
      emscriptenOpts: { ...inited.emscriptenOpts, preRun: [...before, addFsync] },
    };
  }
}

/** As PGlite's own, without `-F` (fsync off), and with the one sync method its file layer passes on. */
const START_PARAMETERS = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== "-F"),
  "-c",
  "wal_sync_method=fsync",
  // The default of 128 MB is touched at start and would be most of an idle server's memory.
  "-c",
  "shared_buffers=8MB",
  // Segments kept for reuse after a checkpoint.
  "-c",
  "min_wal_size=32MB",
  "-c",
  "max_wal_size=96MB",
];

async function start(directory: string): Promise<PGlite> {
  return await PGlite.create({
    fs: new DurableNodeFS(directory),
    startParams: START_PARAMETERS,
    relaxedDurability: false,
  });
}

/**
 * Makes a new database in an empty folder, out of the image of a new one that comes with PGlite: running `initdb` instead
 * takes seconds of processor time and half a gigabyte of memory, and writes the same files.
 */
async function create(directory: string): Promise<void> {
  // Needed once in the life of a data directory.
  const [{ dataDir }, { extract }] = await Promise.all([
    import("@electric-sql/pglite-prepopulatedfs"),
    import("tar"),
  ]);
  const image = await dataDir();
  const unpack = extract({
    cwd: directory,
    sync: true,
    strict: true,
    preserveOwner: false,
    // Names in the image begin with "/", which strict extraction refuses.
    onReadEntry: (entry) => {
      entry.path = entry.path.replace(/^\/+/, "");
      entry.mode = entry.type === "Directory" ? 0o700 : 0o600;
    },
  });
  unpack.end(Buffer.from(await image.arrayBuffer()));
}

function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) syncPath(path);
  }
  syncPath(directory);
}

function syncPath(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Opens the database in `parent/pg`, creating it first when needed. A new database is built aside and renamed
 * into place when it is complete and on disk, so that a crash during the first start leaves nothing half-made.
 * The caller holds the lock on the directory.
 */
export async function openPGlite(parent: string): Promise<PGlite> {
  const directory = join(parent, "pg");
  if (!existsSync(directory)) {
    const building = join(parent, "pg.building");
    await rm(building, { recursive: true, force: true });
    await mkdir(building, { recursive: true, mode: 0o700 });
    await create(building);
    syncTree(building);
    renameSync(building, directory);
    syncPath(parent);
  }
  return await start(directory);
}
