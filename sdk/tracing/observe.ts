/**
 * Watching promises without changing what their owner sees.
 *
 * @module
 */

/** Whether something can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

/**
 * Calls back when a promise is settled. Of a plain promise a derived one is returned, so that a rejection nobody handles
 * is still reported as such; promises with methods of their own, as API clients return them, stay what they are.
 *
 * @param promise What is awaited
 * @param fulfilled Gets the value
 * @param rejected Gets the reason
 * @returns The promise to give to the owner
 */
export function observe<T extends PromiseLike<unknown>>(
  promise: T,
  fulfilled: (value: unknown) => void,
  rejected: (error: unknown) => void,
): T {
  if (Object.getPrototypeOf(promise) !== Promise.prototype) {
    promise.then(fulfilled, rejected);
    return promise;
  }
  const derived = promise.then((value) => {
    fulfilled(value);
    return value;
  }, (error: unknown) => {
    rejected(error);
    throw error;
  });
  // A plain promise of the same value: the same type.
  return derived as unknown as T;
}
