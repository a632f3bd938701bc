/**
 * Plays scenarios against an agent and evaluates what came out.
 *
 * @module
 */

import type { EvaluationConfig } from "../dataset.ts";
import { EvaluationError } from "../errors.ts";
import { mapConcurrently } from "../pool.ts";
import { MemoryCapture, type ScenarioCapture, type ScenarioScope } from "./capture.ts";
import type { ScenarioEvalResults } from "./results.ts";
import { type EvalProfile, EvalRunner, type Exchange, type PlayedScenario } from "./runner.ts";
import type { EvalScenario, EvalScenarios } from "./scenario.ts";

/** The agent: answers one message. */
export type AgentFunction = (message: string, scope: ScenarioScope) => unknown | Promise<unknown>;

/** The simulated user: says the next thing. */
export type SimulatedUserFunction = (
  turn: {
    /** The scenario. */
    readonly scenario: EvalScenario;
    /** What the agent answered last. */
    readonly agentResponse: unknown;
    /** The exchanges before. */
    readonly history: readonly Exchange[];
  },
) => string | Promise<string>;

/** Remembers played scenarios, so that a crashed run goes on where it stopped. */
export interface ScenarioCheckpoint {
  /** What was played before, by scenario. */
  load(): Promise<ReadonlyMap<string, PlayedScenario>>;
  /** Remembers one. */
  save(scenarioId: string, played: PlayedScenario): Promise<void>;
}

/** Options of {@linkcode EvalOrchestrator}. */
export interface EvalOrchestratorOptions {
  /** The scenarios. */
  readonly scenarios: EvalScenarios;
  /** Profiles by alias. */
  readonly profiles?: Readonly<Record<string, EvalProfile>>;
  /** The agent. */
  readonly agentFn?: AgentFunction;
  /** The simulated user. */
  readonly simulatedUserFn?: SimulatedUserFunction;
  /** Catches records and spans; in memory unless told. */
  readonly capture?: ScenarioCapture;
  /** Scenarios played at once; 1 unless told, because not every agent can do more. */
  readonly concurrency?: number;
  /** Remembers played scenarios. */
  readonly checkpoint?: ScenarioCheckpoint;
}

/**
 * Plays scenarios and evaluates them. What fails in one scenario is that scenario's result and ends
 * nothing else.
 *
 * Steps can be overridden: {@linkcode executeAgent}, {@linkcode executeAgentTurn},
 * {@linkcode executeSimulatedUserTurn}, {@linkcode buildScenarioResponse} and the `on…` hooks.
 *
 * @example
 * ```ts
 * import { assertionTask } from "../tasks/factories.ts";
 * import { EvalOrchestrator } from "./orchestrator.ts";
 * import { scenario } from "./scenario.ts";
 *
 * const polite = assertionTask({
 *   id: "polite",
 *   contextPath: "response",
 *   operator: "Contains",
 *   expectedValue: "please",
 * });
 * const results = await new EvalOrchestrator({
 *   scenarios: {
 *     collectionId: "demo",
 *     scenarios: [scenario({ id: "s", initialQuery: "Where is my order?", tasks: [polite] })],
 *   },
 *   agentFn: () => "Could you please tell me its number?",
 * }).run();
 * results.metrics.passed_scenarios; // 1
 * ```
 */
export class EvalOrchestrator {
  readonly #options: EvalOrchestratorOptions;

  /**
   * Makes an orchestrator.
   *
   * @param options see {@linkcode EvalOrchestratorOptions}
   */
  constructor(options: EvalOrchestratorOptions) {
    this.#options = options;
  }

  /** Plays a scenario that is not interactive: the query, then each turn; the last answer counts. */
  async executeAgent(scenario: EvalScenario, scope: ScenarioScope): Promise<unknown> {
    let response = await this.#agent(scenario.initialQuery, scope);
    if (scenario.mode === "multi-turn") {
      for (const turn of scenario.predefinedTurns) response = await this.#agent(turn, scope);
    }
    return response;
  }

  /** Plays one turn of an interactive scenario. */
  async executeAgentTurn(
    _scenario: EvalScenario,
    message: string,
    scope: ScenarioScope,
  ): Promise<unknown> {
    return await this.#agent(message, scope);
  }

  /** Lets the simulated user say the next thing. */
  async executeSimulatedUserTurn(
    scenario: EvalScenario,
    agentResponse: unknown,
    history: readonly Exchange[],
  ): Promise<string> {
    const { simulatedUserFn } = this.#options;
    if (simulatedUserFn === undefined) {
      throw new EvaluationError(
        "NOT_CONFIGURED",
        `Scenario "${scenario.id}" is interactive: pass simulatedUserFn, or override ` +
          "executeSimulatedUserTurn",
      );
    }
    return await simulatedUserFn({ scenario, agentResponse, history });
  }

  /** What tasks see as `response`. */
  buildScenarioResponse(
    _scenario: EvalScenario,
    response: unknown,
    _history: readonly Exchange[],
  ): unknown {
    return response;
  }

  /** Before a scenario is played. */
  onScenarioStart(_scenario: EvalScenario): void | Promise<void> {}

  /** After a scenario was played. */
  onScenarioComplete(_scenario: EvalScenario, _response: unknown): void | Promise<void> {}

  /** After everything was evaluated; what it returns is what `run` returns. */
  onEvaluationComplete(
    results: ScenarioEvalResults,
  ): ScenarioEvalResults | Promise<ScenarioEvalResults> {
    return results;
  }

  /**
   * Plays and evaluates all scenarios.
   *
   * @param config as for data sets
   * @returns what {@linkcode onEvaluationComplete} returns
   */
  async run(config: EvaluationConfig = {}): Promise<ScenarioEvalResults> {
    const { scenarios, profiles = {}, checkpoint } = this.#options;
    const runner = new EvalRunner({ scenarios, profiles });
    const before = await checkpoint?.load();
    const played = await mapConcurrently(
      scenarios.scenarios,
      this.#options.concurrency ?? 1,
      async (scenario) => {
        const known = before?.get(scenario.id);
        if (known !== undefined && known.error === undefined) return known;
        const fresh = await this.#play(scenario, config.signal);
        await checkpoint?.save(scenario.id, fresh);
        return fresh;
      },
    );
    scenarios.scenarios.forEach((scenario, index) => {
      const outcome = played[index];
      if (outcome === undefined) return;
      try {
        runner.collect(scenario.id, outcome);
      } catch (error) {
        runner.collect(scenario.id, {
          ...outcome,
          captured: { records: {}, spans: outcome.captured.spans, droppedSpans: 0 },
          error: error instanceof Error ? error.message : String(error),
        });
      }
    });
    return await this.onEvaluationComplete(await runner.evaluate(config));
  }

  async #play(scenario: EvalScenario, signal: AbortSignal | undefined): Promise<PlayedScenario> {
    const capture = this.#options.capture ?? new MemoryCapture();
    const history: Exchange[] = [];
    const scope = await capture.begin(scenario.id);
    let response: unknown = null;
    let failure: string | undefined;
    try {
      signal?.throwIfAborted();
      await this.onScenarioStart(scenario);
      const last = scenario.mode === "interactive"
        ? await this.#converse(scenario, scope, history, signal)
        : await scope.run(() => this.executeAgent(scenario, scope));
      response = await this.buildScenarioResponse(scenario, last, history);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    const captured = await scope.end();
    if (failure === undefined) {
      try {
        await this.onScenarioComplete(scenario, response);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
    }
    return { response, history, captured, ...(failure === undefined ? {} : { error: failure }) };
  }

  async #converse(
    scenario: EvalScenario,
    scope: ScenarioScope,
    history: Exchange[],
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    let message = scenario.initialQuery;
    let response: unknown = null;
    for (let turn = 0; turn < scenario.maxTurns; turn++) {
      signal?.throwIfAborted();
      const said = message;
      response = await scope.run(() => this.executeAgentTurn(scenario, said, scope));
      const reply = await this.executeSimulatedUserTurn(scenario, response, [...history]);
      history.push({ user: said, agent: response });
      if (scenario.terminationSignal !== null && reply.includes(scenario.terminationSignal)) break;
      message = reply;
    }
    return response;
  }

  async #agent(message: string, scope: ScenarioScope): Promise<unknown> {
    const { agentFn } = this.#options;
    if (agentFn === undefined) {
      throw new EvaluationError(
        "NOT_CONFIGURED",
        "There is no agent: pass agentFn, or override executeAgent and executeAgentTurn",
      );
    }
    return await agentFn(message, scope);
  }
}
