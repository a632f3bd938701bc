import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { describe, it } from "node:test";
import { Buffer } from "node:buffer";
import { serviceAccountToken } from "../../../sdk/evaluate/judge/providers/google_auth.ts";

describe("Google service accounts", () => {
  it("trade a signed assertion for a token, and keep it while it is valid", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const account = btoa(JSON.stringify({
      client_email: "judge@example.iam.gserviceaccount.com",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: "https://token.example/",
    }));
    let asked = 0;
    const fetcher = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      asked++;
      assert.equal(String(url), "https://token.example/");
      const form = init?.body as URLSearchParams;
      assert.equal(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
      const [header = "", payload = "", signature = ""] = (form.get("assertion") ?? "").split(".");
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
      assert.equal(claims.iss, "judge@example.iam.gserviceaccount.com");
      assert.equal(claims.aud, "https://token.example/");
      assert.equal(claims.exp - claims.iat, 3600);
      const signed = Buffer.from(`${header}.${payload}`);
      assert.ok(verify("sha256", signed, publicKey, Buffer.from(signature, "base64url")));
      return Promise.resolve(Response.json({ access_token: "t1", expires_in: 3600 }));
    };
    assert.equal(await serviceAccountToken(account, fetcher), "t1");
    assert.equal(await serviceAccountToken(account, fetcher), "t1");
    assert.equal(asked, 1);
  });

  it("say what is wrong with a key file without showing it", async () => {
    await assert.rejects(serviceAccountToken("%%%"), /not JSON in base64/);
    await assert.rejects(serviceAccountToken(btoa('{"client_email":"x"}')), /private_key/);
  });
});
