/**
 * Recovery codes of a new user, shown this once.
 *
 * @module
 */

import { CopyButton } from "../copy_button.tsx";

/** The codes and the way on. */
export function RecoveryCodes(
  { codes, heading: Heading, onDone }: {
    readonly codes: readonly string[];
    /** What fits below the headings around it. */
    readonly heading: "h1" | "h2";
    readonly onDone: () => void;
  },
) {
  return (
    <div class="fields once" role="group" aria-label="Recovery codes">
      <Heading>Keep these recovery codes</Heading>
      <p>Each resets the password once. They are not shown again.</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p class="row">
        <CopyButton label="Copy all" text={() => codes.join("\n")} />
        <button type="button" class="button primary" onClick={onDone}>I have kept them</button>
      </p>
    </div>
  );
}
