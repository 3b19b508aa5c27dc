/** An order as it stands, and again the moment it changes: its public stream of events, resumed for ever. */

import type { ShopOrder } from "@tongbao/client";

/** The browser gives up on a refusal; we come again. */
const AGAIN_MS = 2_000;

export interface OrderListener {
  /** The order, whole, each time that it changes. */
  heard(order: ShopOrder): void;
  /** Whether news come at once; false while nobody answers. */
  live(isLive: boolean): void;
}

/** Listen until the returned function is called; `homeUrl` is where the order's home answers. */
export function followOrder(homeUrl: string, orderId: string, listener: OrderListener): () => void {
  let source: EventSource | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;

  const listen = (): void => {
    source = new EventSource(`${homeUrl}/v1/orders/${encodeURIComponent(orderId)}/events`);
    source.addEventListener("open", () => listener.live(true));
    source.addEventListener("order", (event) => {
      const order = orderIn((event as MessageEvent<string>).data, orderId);
      if (order !== null) listener.heard(order);
    });
    source.addEventListener("error", () => {
      // Between two streams the browser comes again by itself, with the last place that it saw.
      if (source?.readyState === EventSource.OPEN) return;
      listener.live(false);
      if (source?.readyState === EventSource.CLOSED) again = setTimeout(listen, AGAIN_MS);
    });
  };
  listen();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}

function orderIn(text: string, orderId: string): ShopOrder | null {
  try {
    const order = JSON.parse(text) as ShopOrder;
    return order.order_id === orderId ? order : null;
  } catch {
    return null;
  }
}
