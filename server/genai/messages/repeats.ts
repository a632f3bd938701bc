/**
 * Tells what is said for the first time from what a call only repeats: models keep no memory, so every call of a
 * conversation sends all that was said before.
 *
 * @module
 */

import type { Message, MessagePart } from "./message.ts";

/** What one step was given and gave, in order of time. */
export interface RepeatableStep {
  readonly system: readonly MessagePart[];
  readonly input: readonly Message[];
  readonly output: readonly Message[];
  /** Index of the step this one happened within; -1 when there is none. */
  readonly parent: number;
}

/** Which messages of a step were said before. */
export interface Repeats {
  readonly system: boolean;
  /** Input messages before this index are repeated. */
  readonly input: number;
  /** Whether a step within this one said the same: what an agent answers is what its last model call answered. */
  readonly output: readonly boolean[];
}

/** Earlier steps that a call may continue after its client cut off the oldest messages. */
const WINDOWED_STEPS = 8;

type Trie = Map<number, Trie>;

/** Finds the repeats of each step. */
export function findRepeats(steps: readonly RepeatableStep[]): Repeats[] {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    let number = numbers.get(text);
    if (number === undefined) numbers.set(text, number = numbers.size);
    return number;
  };
  const outputs = steps.map((step) => step.output.map((message) => numberOf(messageKey(message))));
  const within = saidWithin(steps, outputs);
  const systems = new Set<number>();
  const said: Trie = new Map();
  const recent: (readonly number[])[] = [];
  return steps.map((step, at) => {
    const system = step.system.length > 0 ? numberOf(partsKey(step.system)) : -1;
    const repeatsSystem = systems.has(system);
    if (system >= 0) systems.add(system);
    const input = step.input.map((message) => numberOf(messageKey(message)));
    const repeated = Math.max(
      commonPrefix(said, input),
      ...recent.map((transcript) => continued(transcript, input)),
    );
    const own = outputs[at] ?? [];
    // Only a call that said something new, or anything at all, is worth continuing.
    const transcript = [...input, ...own];
    insert(said, transcript);
    recent.push(transcript);
    if (recent.length > WINDOWED_STEPS) recent.shift();
    const inner = within[at];
    return {
      system: repeatsSystem,
      input: repeated,
      output: own.map((message) => inner?.has(message) ?? false),
    };
  });
}

/** Outputs of the steps below each step. */
function saidWithin(
  steps: readonly RepeatableStep[],
  outputs: readonly (readonly number[])[],
): (Set<number> | undefined)[] {
  const within: (Set<number> | undefined)[] = steps.map(() => undefined);
  steps.forEach((_, at) => {
    const seen = new Set([at]);
    for (let above = steps[at]?.parent ?? -1; above >= 0 && !seen.has(above);) {
      seen.add(above);
      const set = within[above] ??= new Set();
      for (const message of outputs[at] ?? []) set.add(message);
      above = steps[above]?.parent ?? -1;
    }
  });
  return within;
}

function commonPrefix(trie: Trie, sequence: readonly number[]): number {
  let at: Trie | undefined = trie;
  for (let i = 0; i < sequence.length; i++) {
    at = at.get(sequence[i] ?? -1);
    if (at === undefined) return i;
  }
  return sequence.length;
}

function insert(trie: Trie, sequence: readonly number[]): void {
  let at = trie;
  for (const number of sequence) {
    let next = at.get(number);
    if (next === undefined) at.set(number, next = new Map());
    at = next;
  }
}

/** How many of the first messages of `input` end `transcript`: the same conversation with its beginning cut off. */
function continued(transcript: readonly number[], input: readonly number[]): number {
  const [head] = input;
  for (let from = 1; from < transcript.length; from++) {
    const length = transcript.length - from;
    if (transcript[from] !== head || length > input.length) continue;
    let same = 1;
    while (same < length && transcript[from + same] === input[same]) same++;
    if (same === length) return length;
  }
  return 0;
}

function messageKey({ role, parts }: Message): string {
  return `${role}\n${partsKey(parts)}`;
}

/** Equal for what means the same however two instrumentations wrote it. */
function partsKey(parts: readonly MessagePart[]): string {
  // What a model thought is not sent back to it; two texts in a row read as one.
  const said = parts.filter(({ kind }) => kind !== "reasoning").map((part): string => {
    switch (part.kind) {
      case "text":
        return part.text;
      case "tool_call":
        return JSON.stringify([part.id ?? part.name, part.id === null ? part.argumentsText : ""]);
      case "tool_result":
        return JSON.stringify([part.id ?? part.name, part.resultText]);
      case "other":
        return part.json;
      default:
        return "";
    }
  });
  return said.filter((text) => text.trim() !== "").join("\n").trim();
}
