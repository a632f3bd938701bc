/**
 * The types of OpenTelemetry that stand in this module's signatures, under the names they have there.
 *
 * @module
 */

import type * as api from "@opentelemetry/api";
import type * as core from "@opentelemetry/core";
import type * as sdk from "@opentelemetry/sdk-trace";

/** Attributes by name. */
export type Attributes = api.Attributes;
/** A string, number or boolean, or a list of one of them. */
export type AttributeValue = api.AttributeValue;
/** What is active: span, baggage and more. */
export type Context = api.Context;
/** A span another has to do with. */
export type Link = api.Link;
/** A span of OpenTelemetry's interface. */
export type OtelSpan = api.Span;
/** A tracer of OpenTelemetry's interface. */
export type OtelTracer = api.Tracer;
/** A tracer provider of OpenTelemetry's interface. */
export type OtelTracerProvider = api.TracerProvider;
/** Trace id, span id and flags. */
export type SpanContext = api.SpanContext;
/** Kind of a span as OpenTelemetry numbers it. */
export type SpanKindNumber = api.SpanKind;
/** Status of a span. */
export type SpanStatus = api.SpanStatus;
/** Reads headers. */
export interface TextMapGetter<Carrier> {
  /** Names of all headers. */
  keys(carrier: Carrier): string[];
  /** Value or values of a header. */
  get(carrier: Carrier, key: string): undefined | string | string[];
}
/** Writes headers and reads them. */
export type TextMapPropagator = api.TextMapPropagator;
/** Writes headers. */
export interface TextMapSetter<Carrier> {
  /** Sets a header. */
  set(carrier: Carrier, key: string, value: string): void;
}
/** A time: a date, milliseconds, or seconds and nanoseconds. */
export type TimeInput = api.TimeInput;
/** What vendors send along with a trace. */
export type TraceState = api.TraceState;
/** How an export went. */
export type ExportResult = core.ExportResult;
/** A span that has ended, as exporters get it. */
export type ReadableSpan = sdk.ReadableSpan;
/** An exporter of OpenTelemetry's SDK. */
export type SpanExporter = sdk.SpanExporter;
