/**
 * Scenarios with a simulated user, here a scripted one, and spans that are checked with the
 * conversation. Runs offline: `deno run -A examples/eval_interactive.ts`.
 */

import {
  assertionTask,
  EvalOrchestrator,
  parseScenarios,
  parseText,
  traceAssertion,
  traceAssertionTask,
} from "../sdk/evaluate/mod.ts";

// Scenarios usually live in a file of their own; this is what one says.
const file = `
collection_id: refunds
scenarios:
  - id: patient-customer
    initial_query: I want my money back
    simulated_user_persona: A patient customer who answers what is asked, one thing at a time.
    termination_signal: THANK YOU
    max_turns: 5
    expected_outcome: The refund is confirmed with its amount
    tasks:
      - task_type: Assertion
        id: confirmed
        context_path: response
        operator: Contains
        expected_value: refunded
      - task_type: Assertion
        id: brief
        context_path: history
        operator: HasLengthLessThanOrEqual
        expected_value: 3
  - id: single-question
    initial_query: Do you refund shipping?
    tasks:
      - task_type: Assertion
        id: answered
        context_path: response
        operator: IsNotEmpty
`;

const script = ["Order 4711", "It arrived broken", "THANK YOU"];

const orchestrator = new EvalOrchestrator({
  scenarios: parseScenarios(parseText(file, "scenarios.yaml")),
  // The part of the agent that looks up orders leaves records of its own.
  profiles: {
    lookup: {
      tasks: [
        assertionTask({
          id: "found",
          contextPath: "order.id",
          operator: "Equals",
          expectedValue: 4711,
        }),
        traceAssertionTask({
          id: "one-call",
          assertion: traceAssertion.traceSpanCount(),
          operator: "Equals",
          expectedValue: 1,
        }),
      ],
    },
  },
  agentFn: (message, scope) => {
    if (message.includes("4711")) {
      scope.insert("lookup", {
        uid: crypto.randomUUID(),
        recordId: "lookup-4711",
        sessionId: "demo",
        createdAt: new Date(),
        traceId: null,
        tags: [],
        context: { order: { id: 4711, total: 20 } },
      });
      scope.addSpans([{ span_name: "lookup_order", status_code: 1, duration_ms: 12 }]);
      return "Found it. What was wrong with it?";
    }
    if (message.includes("broken")) return "I am sorry. 20 CHF were refunded.";
    return message.includes("shipping") ? "Yes, when we made the mistake." : "What is its number?";
  },
  simulatedUserFn: ({ history }) => script[history.length] ?? "THANK YOU",
});

const results = await orchestrator.run();
console.log(results.toTable({ showWorkflow: true }));
