/**
 * Tables, the spans on their way into them, and the disk.
 *
 * @module
 */

import type {
  GetStorageResponse,
  LakeTable,
  MaintenanceRun,
} from "../../../../sdk/gen/scouter/v1/admin_pb.ts";
import { formatDuration, formatSize, formatWhole } from "../format.ts";
import { Tile } from "../genai/tiles.tsx";
import { useLoad } from "../loading.ts";
import { useLiveTick } from "../shell/live.tsx";
import { visibleText } from "../text.ts";
import { admin } from "./api.ts";
import { Ago, Shown } from "./parts.tsx";

/** Below this share of the disk something should be done. */
const LITTLE = 0.1;

/** The part at `/admin/storage`. */
export function StorageSection({ params }: { readonly params: URLSearchParams }) {
  const tick = useLiveTick(params);
  const storage = useLoad(String(tick), (signal) => admin.getStorage({}, { signal }));
  return <Shown loaded={storage}>{(data) => <Storage data={data} />}</Shown>;
}

function Storage({ data }: { readonly data: GetStorageResponse }) {
  const { hot, tables, diskFreeBytes, diskSizeBytes } = data;
  const free = diskFreeBytes === undefined || diskSizeBytes === undefined || diskSizeBytes === 0n
    ? null
    : Number(diskFreeBytes) / Number(diskSizeBytes);
  return (
    <>
      {data.quarantinedFiles > 0n && (
        <p class="banner bad" role="alert">
          <b>{formatWhole(Number(data.quarantinedFiles))} files could not be read</b>{" "}
          and were moved to <code>{visibleText(data.quarantineDir, 300)}</code>.
        </p>
      )}
      <dl class="tiles">
        <Tile
          name="Disk free"
          value={diskFreeBytes === undefined ? "unknown" : formatSize(Number(diskFreeBytes))}
          tone={free !== null && free < LITTLE ? "bad" : ""}
        >
          {diskSizeBytes !== undefined && free !== null
            ? `${Math.round(free * 100)} % of ${formatSize(Number(diskSizeBytes))}`
            : "the system does not say"}
        </Tile>
        <Tile
          name="Tables"
          value={formatSize(tables.reduce((sum, table) => sum + Number(table.sizeBytes), 0))}
        >
          {formatWhole(tables.reduce((sum, table) => sum + Number(table.rows), 0))} rows in{" "}
          {tables.length} {tables.length === 1 ? "table" : "tables"}
        </Tile>
        <Tile name="Not yet in a table" value={formatWhole(Number(hot?.spans ?? 0n))}>
          spans, {formatSize(Number(hot?.sizeBytes ?? 0n))} in{" "}
          {formatWhole(Number(hot?.files ?? 0n))} files; oldest{" "}
          <Ago timeUs={hot?.oldestUs} none="none" />
        </Tile>
        <Tile
          name="Database"
          value={data.databaseSizeBytes === undefined
            ? "–"
            : formatSize(Number(data.databaseSizeBytes))}
        >
          {data.databaseKind}
        </Tile>
      </dl>
      <section class="box" aria-labelledby="tables">
        <h2 id="tables">Tables</h2>
        {tables.length === 0
          ? <p class="muted">No table was written yet.</p>
          : (
            <table class="data-table">
              <thead>
                <tr>
                  <th scope="col">Table</th>
                  <th scope="col" class="number">Rows</th>
                  <th scope="col" class="number">Size</th>
                  <th scope="col" class="number">Files</th>
                  <th scope="col" class="number">Small files</th>
                  <th scope="col" class="number">Version</th>
                  <th scope="col">Partitions</th>
                  <th scope="col">Last commit</th>
                  <th scope="col">Compaction</th>
                  <th scope="col">Vacuum</th>
                  <th scope="col">Kept</th>
                </tr>
              </thead>
              <tbody>{tables.map((table) => <Row key={table.name} table={table} />)}</tbody>
            </table>
          )}
      </section>
      <section class="box" aria-labelledby="places">
        <h2 id="places">Places</h2>
        <dl class="facts wide-facts">
          <dt>Data</dt>
          <dd>
            <code>{visibleText(data.dataDir, 500)}</code>
          </dd>
          <dt>Tables</dt>
          <dd>
            <code>{visibleText(data.lakeUri, 500)}</code>
          </dd>
        </dl>
      </section>
    </>
  );
}

function Row({ table }: { readonly table: LakeTable }) {
  const many = table.smallFiles > 16n;
  return (
    <tr>
      <th scope="row" class="name" title={table.uri}>{visibleText(table.name, 80)}</th>
      <td class="number" data-label="Rows">{formatWhole(Number(table.rows))}</td>
      <td class="number" data-label="Size">{formatSize(Number(table.sizeBytes))}</td>
      <td class="number" data-label="Files">{formatWhole(Number(table.files))}</td>
      <td
        class={`number${many ? " warn" : ""}`}
        data-label="Small files"
        title={`Below half of ${formatSize(Number(table.targetFileBytes))}; compaction merges them`}
      >
        {formatWhole(Number(table.smallFiles))}
      </td>
      <td class="number" data-label="Version">{formatWhole(Number(table.version))}</td>
      <td data-label="Partitions">
        {formatWhole(Number(table.partitions))}
        {table.oldestPartition !== undefined && (
          <span class="muted">
            {" "}
            {table.oldestPartition === table.newestPartition
              ? table.oldestPartition
              : `${table.oldestPartition} – ${table.newestPartition}`}
          </span>
        )}
      </td>
      <td data-label="Last commit">
        <Ago timeUs={table.lastCommitUs} none="not by this process" />
      </td>
      <td data-label="Compaction">
        <Run run={table.lastCompaction} what="merged" />
      </td>
      <td data-label="Vacuum">
        <Run run={table.lastVacuum} what="deleted" />
      </td>
      <td data-label="Kept">
        {table.retentionDays === 0 ? "for ever" : `${table.retentionDays} days`}
      </td>
    </tr>
  );
}

function Run(
  { run, what }: { readonly run: MaintenanceRun | undefined; readonly what: string },
) {
  if (run === undefined) return <span class="muted">not since the start</span>;
  if (!run.ok) return <span class="bad" title={visibleText(run.error, 500)}>✕ failed</span>;
  return (
    <span title={`took ${formatDuration(run.durationMs * 1000)}`}>
      ✓ <Ago timeUs={run.startedUs} />, {formatWhole(Number(run.files))} {what}
    </span>
  );
}
