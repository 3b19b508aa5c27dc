/** What a client throws for an answer that is none. */

import { describe, expect, it } from "vitest";
import { PATIENCE, PeerError, SignedClient, UnexplainedError } from "../src/index.js";

describe("an answer that refuses without a problem document", () => {
  it.each([404, 502])("is told from one that explains itself, by its class and status: %i", async (status) => {
    const proxy = (): Promise<Response> => Promise.resolve(new Response("<h1>no</h1>", { status }));
    const client = new SignedClient("http://home.example", null, { ...PATIENCE, attemptsMax: 1 }, proxy);

    const error = await client.get("/v1/keys").catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(UnexplainedError);
    expect(error).toBeInstanceOf(PeerError);
    expect(error).toMatchObject({ code: "PEER", status });
  });
});
