/**
 * What models cost: prices set here over those the server ships with.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { GenAiPrice } from "../../../../sdk/gen/scouter/v1/genai_pb.ts";
import { genAi } from "../genai/api.ts";
import { useLoad } from "../loading.ts";
import { setParams } from "../place.ts";
import { visibleText } from "../text.ts";
import { Ago, ConfirmButton, Shown, useAction } from "./parts.tsx";
import { PriceForm } from "./price_form.tsx";

const DOLLARS = new Intl.NumberFormat(undefined, {
  style: "currency",
  currency: "USD",
  currencyDisplay: "narrowSymbol",
  minimumFractionDigits: 2,
  maximumFractionDigits: 6,
});

/** The part at `/admin/prices`; `?model=` begins with a price for that model. */
export function PricesSection({ params }: { readonly params: URLSearchParams }) {
  const prices = useLoad("prices", (signal) => genAi.listPrices({}, { signal }));
  const [edited, setEdited] = useState<GenAiPrice | null>(null);
  const words = params.get("find") ?? "";
  const model = params.get("model") ?? "";
  return (
    <>
      <PriceForm
        key={edited === null ? model : `${edited.id} ${edited.model} ${edited.effectiveFromUs}`}
        model={model}
        from={edited}
        onDone={() => {
          setEdited(null);
          setParams({ model: null }, true);
          prices.reload();
        }}
        onCancel={edited === null ? undefined : () => setEdited(null)}
      />
      <div class="row genai-controls">
        <label>
          Find{" "}
          <input
            type="search"
            value={words}
            placeholder="model or provider"
            onInput={({ currentTarget: { value } }) => setParams({ find: value }, true)}
          />
        </label>
        <span class="muted">US dollars per million tokens</span>
      </div>
      <Shown loaded={prices} rows={14}>
        {(data) => {
          const shown = data.prices.filter((price) =>
            `${price.model} ${price.providerName ?? ""}`.toLowerCase().includes(words.toLowerCase())
          );
          const own = shown.filter(({ id }) => id !== undefined);
          const shipped = shown.filter(({ id }) => id === undefined);
          return (
            <>
              <section class="box" aria-labelledby="own">
                <h2 id="own">Set here</h2>
                {own.length === 0
                  ? (
                    <p class="muted">
                      None{words !== "" && " matches"}. A price set here wins over a shipped one.
                    </p>
                  )
                  : <Table prices={own} onEdit={setEdited} onChanged={prices.reload} />}
              </section>
              <section class="box" aria-labelledby="shipped">
                <h2 id="shipped">Shipped with the server</h2>
                {shipped.length === 0
                  ? <p class="muted">None matches.</p>
                  : <Table prices={shipped} onEdit={setEdited} onChanged={prices.reload} />}
              </section>
            </>
          );
        }}
      </Shown>
    </>
  );
}

function Table(
  { prices, onEdit, onChanged }: {
    readonly prices: readonly GenAiPrice[];
    readonly onEdit: (price: GenAiPrice) => void;
    readonly onChanged: () => void;
  },
) {
  const sorted = prices.toSorted((a, b) =>
    a.model < b.model ? -1 : a.model > b.model ? 1 : Number(b.effectiveFromUs - a.effectiveFromUs)
  );
  return (
    <table class="data-table">
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">Provider</th>
          <th scope="col">From</th>
          <th scope="col" class="number">Input</th>
          <th scope="col" class="number">Output</th>
          <th scope="col" class="number">Cache read</th>
          <th scope="col" class="number">Cache fill</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((price) => (
          <Row
            key={`${price.id} ${price.model} ${price.providerName} ${price.effectiveFromUs}`}
            price={price}
            onEdit={() => onEdit(price)}
            onChanged={onChanged}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row(
  { price, onEdit, onChanged }: {
    readonly price: GenAiPrice;
    readonly onEdit: () => void;
    readonly onChanged: () => void;
  },
) {
  const action = useAction();
  const { id, effectiveFromUs } = price;
  const model = visibleText(price.model, 100);
  const from = effectiveFromUs === 0n
    ? "always"
    : new Date(Number(effectiveFromUs) / 1000).toISOString().slice(0, 10);
  return (
    <tr>
      <th scope="row" class="name">
        <bdi>{model}</bdi>
      </th>
      <td data-label="Provider">
        {price.providerName === undefined
          ? <span class="muted">any</span>
          : visibleText(price.providerName, 80)}
      </td>
      <td data-label="From">{from}</td>
      <td class="number" data-label="Input">{DOLLARS.format(price.inputPerMillion)}</td>
      <td class="number" data-label="Output">{DOLLARS.format(price.outputPerMillion)}</td>
      <td class="number" data-label="Cache read">
        <Optional value={price.cacheReadPerMillion} />
      </td>
      <td class="number" data-label="Cache fill">
        <Optional value={price.cacheCreationPerMillion} />
      </td>
      <td>
        <div class="row">
          <button
            type="button"
            class="small"
            aria-label={`${
              id === undefined ? "Override the price of" : "Edit"
            } ${model} from ${from}`}
            onClick={onEdit}
          >
            {id === undefined ? "Override" : "Edit"}
          </button>
          {id !== undefined && (
            <ConfirmButton
              label="Remove"
              name={`Remove the price of ${model} from ${from}`}
              question={`Remove the price of ${model}?`}
              disabled={action.busy}
              onConfirm={() =>
                void action.run(() => genAi.deletePrice({ id }))
                  .then((done) => done && onChanged())}
            />
          )}
          {price.updatedBy !== undefined && (
            <span class="muted">
              {visibleText(price.updatedBy, 60)}, <Ago timeUs={price.updatedAtUs} />
            </span>
          )}
        </div>
        {action.refusal !== null && <p class="bad" role="alert">{action.refusal.message}</p>}
      </td>
    </tr>
  );
}

function Optional({ value }: { readonly value: number | undefined }) {
  return value === undefined
    ? <span class="muted" title="As other input">as input</span>
    : <>{DOLLARS.format(value)}</>;
}
