/**
 * Versions, uptime, listeners.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { exactTime, formatDuration, formatSize } from "../format.ts";
import { useLoad } from "../loading.ts";
import { admin } from "./api.ts";
import { Shown } from "./parts.tsx";

/** The part at `/admin/about`. */
export function AboutSection() {
  const about = useLoad("about", (signal) => admin.getAbout({}, { signal }));
  return (
    <Shown loaded={about}>
      {(data) => (
        <section class="box" aria-labelledby="about">
          <h2 id="about">This server</h2>
          <dl class="facts wide-facts">
            <Fact name="Version">{data.version}</Fact>
            <Fact name="Up for">
              <span title={exactTime(Number(data.startedUs))}>
                {formatDuration(Number(data.uptimeMs) * 1000)}
              </span>
            </Fact>
            <Fact name="Access">
              {data.authMode === "required"
                ? "login required"
                : "no login: whoever reaches it is administrator"}
            </Fact>
            <Fact name="Listens on">
              {data.listeners.map(({ name, port }) => `${name} ${port === 0 ? "off" : port}`)
                .join(", ")}
            </Fact>
            <Fact name="Memory">{formatSize(Number(data.memoryRssBytes))}</Fact>
            <Fact name="Runs on">{data.platform}, {data.cpus} processors, process {data.pid}</Fact>
            <Fact name="Database">{data.databaseKind}</Fact>
            {data.components.map(({ name, version }) => (
              <Fact key={name} name={name}>{version}</Fact>
            ))}
          </dl>
        </section>
      )}
    </Shown>
  );
}

function Fact(
  { name, children }: { readonly name: string; readonly children: ComponentChildren },
) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
