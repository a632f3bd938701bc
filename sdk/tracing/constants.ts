/**
 * Names that stand on the wire.
 *
 * @module
 */

/** Version of this tracer; part of the scope name. */
export const TRACER_VERSION: string = "0.1.0";

/** Attribute: what a call was given, as JSON. */
export const INPUT: string = "scouter.tracing.input";
/** Attribute: what a call returned, as JSON. */
export const OUTPUT: string = "scouter.tracing.output";
/** Attribute: the span's label. */
export const LABEL: string = "scouter.tracing.label";
/** Prefix of attributes that are tags of the trace. */
export const TAG_PREFIX: string = "scouter.tracing.tag.";
/** Prefix of attributes that are baggage of the span. */
export const BAGGAGE_PREFIX: string = "baggage.";
/** Attribute: when this process saw the trace first, RFC 3339. */
export const TRACE_START_TIME: string = "scouter.tracing.start_time";
/** Resource attribute: the tracer's scope. */
export const SCOPE: string = "scouter.scope";
/** Value of {@linkcode SCOPE} unless another is given. */
export const DEFAULT_SCOPE: string = `scouter.tracer.${TRACER_VERSION}`;
/** Attribute: the profile that a span belongs to; also the prefix of `scouter.entity.<uid>`. */
export const ENTITY: string = "scouter.entity";
/** Event attribute: uid of the record that was queued. */
export const QUEUE_RECORD: string = "scouter.queue.record";
/** Name of the event that tells of a queued record. */
export const QUEUE_EVENT: string = "scouter.queue.event";
/** Baggage key and span attribute: the evaluation scenario that a trace belongs to. */
export const SCENARIO_ID: string = "scouter.eval.scenario_id";
/** Resource attribute: name of the service. */
export const SERVICE_NAME: string = "service.name";
/** Service name unless one is given. */
export const DEFAULT_SERVICE_NAME: string = "scouter_service";
/** Header in which a service names itself to the services it calls. */
export const SERVICE_HEADER: string = "x-scouter-service";
