/** Errors, each with a code that programs can rely on, the part that is wrong, and what to do about it. */

export class TongbaoError extends Error {
  override name = "TongbaoError";

  constructor(
    message: string,
    readonly code: string,
    readonly field: string = "",
    readonly cure: string = "",
  ) {
    super(message);
  }
}

/** Bytes or text that are not the one canonical form of anything. */
export class DecodingError extends TongbaoError {
  override name = "DecodingError";

  constructor(message: string, field: string, code = "MALFORMED", cure = "") {
    super(message, code, field, cure);
  }
}

/** Somebody else answered what he must not; nothing was signed because of it. */
export class PeerError extends TongbaoError {
  override name = "PeerError";

  constructor(message: string) {
    super(message, "PEER");
  }
}

/** Refused without a problem document: by something between us and the server, or by a server that breaks down. */
export class UnexplainedError extends PeerError {
  override name = "UnexplainedError";

  constructor(readonly status: number) {
    super(`the answer is ${status} without a problem document`);
  }
}

/** A server's problem document (RFC 9457); `refused` tells a rule's no from a mistake in the request. */
export class ProblemError extends TongbaoError {
  override name = "ProblemError";

  constructor(
    message: string,
    code: string,
    readonly status: number,
    field = "",
    cure = "",
  ) {
    super(message, code, field, cure);
  }

  get refused(): boolean {
    return this.status === 422;
  }
}

/** No answer came, so that it may or may not have happened. Asking again with the same key is safe. */
export class NetworkError extends TongbaoError {
  override name = "NetworkError";

  constructor(message: string) {
    super(message, "NETWORK");
  }
}
