/** What a shop pastes into a page of its own: a link and nothing that runs. */

const NAMED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A text as HTML shows it. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => NAMED[letter] ?? "");
}

/** A button that leads to the checkout; it brings its own look, and no script. */
export function buttonSnippet(url: string, words: string): string {
  const style = [
    "display:inline-block",
    "padding:.75em 1.25em",
    "border-radius:.6em",
    "background:#b3261e",
    "color:#fff",
    "font:600 1rem/1.2 system-ui,sans-serif",
    "text-decoration:none",
  ].join(";");
  return `<a href="${escaped(url)}" rel="noopener" style="${style}">${escaped(words)}</a>`;
}

/** What a server sends to have an order and its checkout; the addresses are the shop's own. */
export function serverSnippet(origin: string, home: number): string {
  return [
    "# Python, with the client library",
    "made = shop.use(lambda wallet: wallet.sales.create_checkout(",
    '    OrderRequest(amount_fen=12_800, order_number="mall-17", description="Longjing, 100 g"),',
    '    success_url="https://your.shop/thanks/17",',
    '    cancel_url="https://your.shop/basket",',
    "))",
    `redirect(f"${origin}/checkout/?home=${home}&order={made.order.order_id}")`,
  ].join("\n");
}
