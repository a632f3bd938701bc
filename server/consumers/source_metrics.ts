/**
 * The metrics of one source.
 *
 * @module
 */

import type { Metrics } from "../telemetry/contract.ts";
import type { SourceName } from "./contract.ts";

/** Counts what one source does. */
export class SourceMetrics {
  readonly source: SourceName;
  readonly #metrics: Metrics;

  constructor(source: SourceName, metrics: Metrics) {
    this.source = source;
    this.#metrics = metrics;
    this.up(false);
  }

  /** A message came from the broker. */
  received(): void {
    this.#count("scouter_broker_received_total", "Messages taken from brokers.");
  }

  /** A message is durable. */
  accepted(): void {
    this.#count("scouter_broker_accepted_total", "Messages of brokers that were stored.");
  }

  /** A message went to the dead letters. */
  rejected(reason: string): void {
    this.#count(
      "scouter_broker_rejected_total",
      "Messages of brokers written to the dead letters, by reason.",
      { reason },
    );
  }

  /** A message is gone. */
  lost(reason: string, messages = 1): void {
    this.#count(
      "scouter_broker_lost_total",
      "Messages that no broker keeps and the server could not store, by reason.",
      { reason },
      messages,
    );
  }

  /** A message could not be stored now and is tried again. */
  retried(reason: string): void {
    this.#count(
      "scouter_broker_retries_total",
      "Tries to store a message of a broker that did not succeed, by reason.",
      { reason },
    );
  }

  /** A dead letter could not be written and is tried again. */
  deadLetterFailed(): void {
    this.#count(
      "scouter_broker_dead_letter_failures_total",
      "Failed tries to write a dead letter; the message stays with the broker meanwhile.",
    );
  }

  /** A connection broke or could not be made. */
  disconnected(): void {
    this.#count(
      "scouter_broker_disconnects_total",
      "Connections to brokers that broke or could not be made.",
    );
  }

  /** Whether messages can flow. */
  up(isUp: boolean): void {
    this.#metrics.gauge("scouter_broker_up", "1 while connected to the broker.")
      .set(isUp ? 1 : 0, { source: this.source });
  }

  /** Messages that wait in the broker for this server. */
  lag(messages: number): void {
    this.#metrics.gauge(
      "scouter_broker_lag_messages",
      "Messages that wait in the broker, those being stored included.",
    ).set(messages, { source: this.source });
  }

  #count(name: string, help: string, labels: Record<string, string> = {}, value = 1): void {
    this.#metrics.counter(name, help).add(value, { source: this.source, ...labels });
  }
}
