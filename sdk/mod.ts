/**
 * The SDK's front door.
 *
 * @module
 */

/** Version of the SDK. */
export const VERSION: string = "0.1.0";
