/**
 * Evaluation records of agents.
 *
 * @module
 */

import { EvalRecord } from "../records/eval_record.ts";
import { SERVER_RECORD } from "../records/message.ts";
import type { Batch, Collector } from "./collector.ts";
import type { AgentProfile } from "./profile.ts";

/** Records in one batch. */
export const AGENT_BATCH_ITEMS = 25;
/** Contexts can be long; a message must fit what servers take at once. */
const AGENT_BATCH_CHARS = 1_000_000;

/** Gathers evaluation records, written when they come: their contexts may change after. */
export class AgentCollector implements Collector {
  readonly #profile: AgentProfile;
  #texts: string[] = [];
  #chars = 0;

  constructor(profile: AgentProfile) {
    this.#profile = profile;
  }

  get count(): number {
    return this.#texts.length;
  }

  get isFull(): boolean {
    return this.#texts.length >= AGENT_BATCH_ITEMS || this.#chars >= AGENT_BATCH_CHARS;
  }

  readonly hasLeft = false;

  hasRest(): boolean {
    return this.#texts.length > 0;
  }

  add(item: unknown): string | null {
    if (!(item instanceof EvalRecord)) return "a profile of an agent takes an EvalRecord";
    const record = { ...item.toJSON(), entity_uid: this.#profile.uid };
    let text: string;
    try {
      text = SERVER_RECORD.write({ AgentEval: { record } });
    } catch (error) {
      // A cycle or a bigint in the context.
      return `the record cannot be written: ${error instanceof Error ? error.message : error}`;
    }
    this.#push(text);
    return null;
  }

  #push(text: string): void {
    this.#texts.push(text);
    this.#chars += text.length;
  }

  entry(): string {
    return this.#texts.at(-1) ?? "";
  }

  restore(entry: string): string | null {
    try {
      SERVER_RECORD.read(JSON.parse(entry));
    } catch (error) {
      return `a kept record is damaged: ${error instanceof Error ? error.message : error}`;
    }
    this.#push(entry);
    return null;
  }

  rest(): null {
    return null;
  }

  restoreRest(): void {}

  take(): Batch {
    const texts = this.#texts;
    this.#texts = [];
    this.#chars = 0;
    const message = texts.length === 0 ? null : `{"records":[${texts.join()}]}`;
    return { message, items: texts.length, records: texts.length };
  }
}
