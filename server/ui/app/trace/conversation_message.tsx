/**
 * A message and its parts: texts, calls of tools, their results.
 *
 * @module
 */

import type {
  GenAiMessage,
  GenAiPart,
  GenAiText,
} from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { LongText } from "../long_text.tsx";
import { visibleText } from "../text.ts";
import { JsonTree } from "./json_tree.tsx";

/** Roles that have a look of their own. */
const ROLES = new Set(["system", "user", "assistant", "tool"]);

/** A message under its role. */
export function Message(
  { message, onWhole }: { readonly message: GenAiMessage; readonly onWhole: () => void },
) {
  const role = message.role === "" ? "unknown" : message.role;
  return (
    <div class={`message role-${ROLES.has(role) ? role : "other"}`}>
      <span class="role">
        {visibleText(role, 40)}
        {message.name !== undefined && <span class="muted">{visibleText(message.name, 60)}</span>}
      </span>
      <div class="parts">
        {message.parts.map((part, i) => <Part key={i} part={part} onWhole={onWhole} />)}
        {message.parts.length === 0 && <span class="muted">(nothing)</span>}
        {message.finishReason !== undefined && !USUAL_ENDS.has(message.finishReason) && (
          <p class="warn">ended by {visibleText(message.finishReason, 60)}</p>
        )}
      </div>
    </div>
  );
}

/** Ends that say nothing beyond what is seen. */
const USUAL_ENDS = new Set(["stop", "tool_call", "tool_calls", "end_turn", "tool_use"]);

/** A part of a message. */
export function Part(
  { part, onWhole }: { readonly part: GenAiPart; readonly onWhole: () => void },
) {
  const { kind } = part;
  switch (kind.case) {
    case "text":
      return (
        <p class="part">
          <Text text={kind.value} onWhole={onWhole} />
        </p>
      );
    case "reasoning":
      return (
        <div class="part reasoning">
          <span class="part-name">thought</span>
          <Text text={kind.value} onWhole={onWhole} />
        </div>
      );
    case "toolCall":
      return (
        <div class="part tool">
          <span class="part-name">
            calls <b>{visibleText(kind.value.name ?? "a tool", 100)}</b>{" "}
            <CallId id={kind.value.id} />
          </span>
          <Structured text={kind.value.arguments} onWhole={onWhole} />
        </div>
      );
    case "toolResult":
      return (
        <div class="part tool">
          <span class="part-name">
            result{kind.value.name !== undefined && (
              <>
                {" "}of <b>{visibleText(kind.value.name, 100)}</b>
              </>
            )} <CallId id={kind.value.id} />
          </span>
          <Structured text={kind.value.result} onWhole={onWhole} />
        </div>
      );
    case "other":
      return (
        <div class="part tool">
          <span class="part-name">{visibleText(kind.value.type, 100)}</span>
          <Structured text={kind.value.json} onWhole={onWhole} />
        </div>
      );
    case undefined:
      return null;
  }
}

function CallId({ id }: { readonly id: string | undefined }) {
  return id === undefined ? null : <code class="muted">{visibleText(id, 60)}</code>;
}

function Text(
  { text, onWhole }: { readonly text: GenAiText; readonly onWhole: () => void },
) {
  return <LongText text={text.text} fullLength={Number(text.fullLength)} onWhole={onWhole} />;
}

/** A text that may be JSON: then as a tree. */
function Structured(
  { text, onWhole }: { readonly text: GenAiText | undefined; readonly onWhole: () => void },
) {
  if (text === undefined) return <span class="muted">(nothing)</span>;
  const value = Number(text.fullLength) > text.text.length ? null : objectOf(text.text);
  if (value === null) return <Text text={text} onWhole={onWhole} />;
  return <JsonTree value={value} depth={1} />;
}

function objectOf(text: string): object | null {
  if (!/^\s*[[{]/.test(text) || text.length > 200_000) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    // A text that only begins like JSON.
    return null;
  }
}
