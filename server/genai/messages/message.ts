/**
 * What was said to a model, an agent or a tool and what came back, in one form for all instrumentations.
 *
 * @module
 */

/** One part of a message. */
export type MessagePart =
  | { readonly kind: "text"; readonly text: string }
  /** What a model thought before it answered. */
  | { readonly kind: "reasoning"; readonly text: string }
  | {
    readonly kind: "tool_call";
    readonly id: string | null;
    readonly name: string | null;
    /** JSON text, or the text as sent where it is none. */
    readonly argumentsText: string;
  }
  | {
    readonly kind: "tool_result";
    /** Id of the call. */
    readonly id: string | null;
    readonly name: string | null;
    /** The text, or JSON text of a structured result. */
    readonly resultText: string;
  }
  /** An image, a file, or what else a provider knows. */
  | { readonly kind: "other"; readonly type: string; readonly json: string };

/** One message. */
export interface Message {
  /** `system`, `user`, `assistant`, `tool`, or another the client named. */
  readonly role: string;
  /** Of the participant, where given. */
  readonly name: string | null;
  readonly parts: readonly MessagePart[];
  readonly finishReason: string | null;
}

/** What one operation was given and gave. */
export interface SpokenMessages {
  readonly system: readonly MessagePart[];
  readonly input: readonly Message[];
  readonly output: readonly Message[];
  /** JSON text of each tool the model could call. */
  readonly tools: readonly string[];
}

/** A message of one text. */
export function textMessage(role: string, text: string): Message {
  return { role, name: null, parts: [{ kind: "text", text }], finishReason: null };
}
