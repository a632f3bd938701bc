/**
 * For whoever runs the server: what comes in, what is stored, what runs, who may do what.
 *
 * @module
 */

import { Link } from "../link.tsx";
import { EmptyNote } from "../states.tsx";
import { AboutSection } from "./about.tsx";
import { IngestSection } from "./ingest.tsx";
import { KeysSection } from "./keys.tsx";
import { PeopleSection } from "./people.tsx";
import { PricesSection } from "./prices.tsx";
import { type Section, SECTIONS } from "./sections.ts";
import { SettingsSection } from "./settings.tsx";
import { StorageSection } from "./storage.tsx";
import { WorkersSection } from "./workers.tsx";

/** The pages at `/admin` and below. */
export function AdminPage(
  { section: given, params }: { readonly section: string; readonly params: URLSearchParams },
) {
  const section = given === "" ? "ingest" : SECTIONS.find(([path]) => path === given)?.[0];
  const live = params.get("live") === "1" ? new URLSearchParams({ live: "1" }) : undefined;
  return (
    <div class="admin">
      <h1>Admin</h1>
      <nav class="tabs admin-tabs" aria-label="Parts of Admin">
        {SECTIONS.map(([path, name]) => (
          <Link
            key={path}
            path={`/admin/${path}`}
            class="button"
            current={path === section}
            {...(live === undefined ? {} : { params: live })}
          >
            {name}
          </Link>
        ))}
      </nav>
      {section === undefined
        ? (
          <EmptyNote title="There is no such part">
            <p>Choose one of those above.</p>
          </EmptyNote>
        )
        : <Part section={section} params={params} />}
    </div>
  );
}

function Part(
  { section, params }: { readonly section: Section; readonly params: URLSearchParams },
) {
  switch (section) {
    case "ingest":
      return <IngestSection params={params} />;
    case "storage":
      return <StorageSection params={params} />;
    case "workers":
      return <WorkersSection params={params} />;
    case "settings":
      return <SettingsSection params={params} />;
    case "people":
      return <PeopleSection />;
    case "keys":
      return <KeysSection params={params} />;
    case "prices":
      return <PricesSection params={params} />;
    case "about":
      return <AboutSection />;
  }
}
