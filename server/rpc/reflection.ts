/**
 * `grpc.reflection`: tells tools such as grpcurl what services there are. The versions v1 and v1alpha have the same
 * messages.
 *
 * @module
 */

import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import {
  ServerReflection,
  type ServerReflectionRequest,
} from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.ts";

/** What reflection can be asked about. */
interface Catalogue {
  readonly serviceNames: readonly string[];
  readonly byName: ReadonlyMap<string, DescFile>;
  readonly bySymbol: ReadonlyMap<string, DescFile>;
}

/** The request of either version; the values of the generated types fit. */
interface ReflectionRequest {
  readonly host: string;
  readonly messageRequest: {
    readonly case?: ServerReflectionRequest["messageRequest"]["case"];
    readonly value?: unknown;
  };
}

/**
 * Registers both versions.
 *
 * @param router Where to.
 * @param services Every service the server offers.
 */
export function registerReflection(router: ConnectRouter, services: readonly DescService[]): void {
  const catalogue = catalogueOf(services);
  async function* respond(requests: AsyncIterable<ReflectionRequest>) {
    for await (const request of requests) yield respondOne(catalogue, request);
  }
  router.rpc(ServerReflection.method.serverReflectionInfo, respond);
  router.rpc(ServerReflectionAlpha.method.serverReflectionInfo, respond);
}

/** Built of plain values, since a generated message belongs to one version. */
function respondOne(catalogue: Catalogue, request: ReflectionRequest) {
  const { host, messageRequest: { case: kind, value } } = request;
  const asked = typeof value === "string" ? value : "";
  const originalRequest = kind === undefined || kind === "fileContainingExtension"
    ? { host }
    : { host, messageRequest: { case: kind, value: asked } };
  return { validHost: host, originalRequest, messageResponse: answer(catalogue, kind, asked) };
}

function answer(
  catalogue: Catalogue,
  kind: ReflectionRequest["messageRequest"]["case"],
  asked: string,
) {
  switch (kind) {
    case "listServices":
      return {
        case: "listServicesResponse" as const,
        value: { service: catalogue.serviceNames.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return fileAnswer(catalogue.byName.get(asked), asked);
    case "fileContainingSymbol":
      return fileAnswer(catalogue.bySymbol.get(asked), asked);
    case "allExtensionNumbersOfType":
      return {
        case: "allExtensionNumbersResponse" as const,
        value: { baseTypeName: asked, extensionNumber: [] },
      };
    case "fileContainingExtension":
      return errorAnswer(Code.NotFound, "There are no extensions.");
    default:
      return errorAnswer(Code.InvalidArgument, "The request asks for nothing.");
  }
}

function fileAnswer(file: DescFile | undefined, asked: string) {
  if (file === undefined) {
    return errorAnswer(Code.NotFound, `"${asked.slice(0, 200)}" is not known.`);
  }
  return {
    case: "fileDescriptorResponse" as const,
    value: {
      fileDescriptorProto: withDependencies(file).map((each) =>
        toBinary(FileDescriptorProtoSchema, each.proto)
      ),
    },
  };
}

function errorAnswer(errorCode: Code, errorMessage: string) {
  return { case: "errorResponse" as const, value: { errorCode, errorMessage } };
}

function withDependencies(file: DescFile, seen = new Set<DescFile>()): DescFile[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return [file, ...file.dependencies.flatMap((next) => withDependencies(next, seen))];
}

function catalogueOf(services: readonly DescService[]): Catalogue {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  for (const file of services.flatMap((service) => withDependencies(service.file))) {
    byName.set(file.proto.name, file);
    const messages = [...file.messages];
    for (let message = messages.pop(); message !== undefined; message = messages.pop()) {
      bySymbol.set(message.typeName, file);
      messages.push(...message.nestedMessages);
      for (const each of message.nestedEnums) bySymbol.set(each.typeName, file);
    }
    for (const each of file.enums) bySymbol.set(each.typeName, file);
    for (const service of file.services) {
      bySymbol.set(service.typeName, file);
      for (const method of service.methods) {
        bySymbol.set(`${service.typeName}.${method.name}`, file);
      }
    }
  }
  return { serviceNames: services.map((service) => service.typeName), byName, bySymbol };
}
