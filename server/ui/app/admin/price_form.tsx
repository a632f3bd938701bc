/**
 * Sets the price of a model from a date on.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import type { GenAiPrice } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { genAi } from "../genai/api.ts";
import { useAction } from "./parts.tsx";

/** The form, begun with a price to change or with a model's name. */
export function PriceForm(
  { model, from, onDone, onCancel }: {
    readonly model: string;
    readonly from: GenAiPrice | null;
    readonly onDone: () => void;
    readonly onCancel: (() => void) | undefined;
  },
) {
  const action = useAction();
  const first = useRef<HTMLInputElement>(null);
  const begun = from !== null || model !== "";
  useEffect(() => {
    if (begun) first.current?.focus();
  }, []);
  const submit = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const text = (name: string) => String(fields.get(name) ?? "").trim();
    const optional = (name: string) => text(name) === "" ? undefined : Number(text(name));
    const providerName = text("provider");
    const cacheReadPerMillion = optional("cache-read");
    const cacheCreationPerMillion = optional("cache-fill");
    void action.run(async () => {
      await genAi.setPrice({
        price: {
          model: text("model"),
          effectiveFromUs: BigInt(text("from") === "" ? 0 : Date.parse(text("from"))) * 1000n,
          inputPerMillion: Number(text("input")),
          outputPerMillion: Number(text("output")),
          ...(providerName === "" ? {} : { providerName }),
          ...(cacheReadPerMillion === undefined ? {} : { cacheReadPerMillion }),
          ...(cacheCreationPerMillion === undefined ? {} : { cacheCreationPerMillion }),
        },
      });
      form.reset();
    }).then((done) => done && onDone());
  };
  const number = (name: string, value: number | undefined, required: boolean, hint = "") => (
    <input
      name={name}
      type="number"
      min="0"
      step="any"
      inputMode="decimal"
      class="price"
      placeholder={hint}
      defaultValue={value === undefined ? "" : String(value)}
      required={required}
    />
  );
  return (
    <section class="box" aria-labelledby="set-price">
      <h2 id="set-price">{from?.id === undefined ? "Set a price" : "Change a price"}</h2>
      <form
        class="form-line"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <label>
          Model
          <input
            ref={first}
            name="model"
            defaultValue={from?.model ?? model}
            maxLength={256}
            required
          />
        </label>
        <label>
          <span>
            Provider <span class="muted">(empty: any)</span>
          </span>
          <input name="provider" defaultValue={from?.providerName ?? ""} maxLength={256} />
        </label>
        <label>
          <span>
            From <span class="muted">(UTC; empty: always)</span>
          </span>
          <input
            name="from"
            type="date"
            defaultValue={from === null || from.effectiveFromUs === 0n
              ? ""
              : new Date(Number(from.effectiveFromUs) / 1000).toISOString().slice(0, 10)}
          />
        </label>
        <label>Input{number("input", from?.inputPerMillion, true)}</label>
        <label>Output{number("output", from?.outputPerMillion, true)}</label>
        <label>
          Cache read{number("cache-read", from?.cacheReadPerMillion, false, "as input")}
        </label>
        <label>
          Cache fill{number("cache-fill", from?.cacheCreationPerMillion, false, "as input")}
        </label>
        <button type="submit" class="button primary" disabled={action.busy}>Set the price</button>
        {onCancel !== undefined && <button type="button" onClick={onCancel}>Cancel</button>}
      </form>
      <p class="muted">
        US dollars per million tokens. The price holds for calls from its date on, until the model's
        next one; a price of the same model, provider and date is replaced.
      </p>
      {action.refusal !== null && <p class="bad" role="alert">{action.refusal.message}</p>}
    </section>
  );
}
