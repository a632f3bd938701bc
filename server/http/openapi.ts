/**
 * The OpenAPI document, assembled from the routes that are registered and what `openapi_routes.ts` says of them.
 *
 * @module
 */

import { endpointName } from "./discovery.ts";
import { COMPONENTS, ROUTE_DOCS } from "./openapi_routes.ts";

/** A JSON object. */
export type Json = { readonly [key: string]: unknown };

/** Builds the document: every registered route is in it, none that is not. */
export function openApiDocument(
  routes: readonly { readonly method: string; readonly path: string }[],
  version: string,
): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path } of routes) {
    const template = path.replaceAll(/:([A-Za-z_]+)(\{[^}]*\})?/g, "{$1}");
    const docs = ROUTE_DOCS[`${method} ${template}`];
    const parameters = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
    }));
    (paths[template] ??= {})[method.toLowerCase()] = {
      operationId: endpointName(method, path),
      tags: [tagOf(path)],
      summary: docs?.summary ?? endpointName(method, path).replaceAll("_", " "),
      ...(docs?.open === true ? { security: [] } : {}),
      ...(parameters.length + (docs?.query?.length ?? 0) === 0
        ? {}
        : { parameters: [...parameters, ...(docs?.query ?? [])] }),
      ...(docs?.request === undefined ? {} : {
        requestBody: { required: true, content: docs.request },
      }),
      responses: {
        200: {
          description: "Success",
          ...(docs?.response === undefined
            ? { content: { "application/json": { schema: { type: "object" } } } }
            : { content: docs.response }),
        },
        default: {
          description: "Error",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Scouter", version },
    security: [{ bearer: [] }],
    paths,
    components: COMPONENTS,
  };
}

function tagOf(path: string): string {
  const [first = "", second = ""] = path.split("/").filter((part) => part !== "");
  return first === "scouter" && second !== "" ? second : first;
}
